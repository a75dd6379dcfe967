// Where an event stands in the history: the log entry, and which event of it. Ordered, the same on every node, and so a
// cursor.
using System.Globalization;

namespace RaftLocks.Node.History;

/// <summary>The place of an event.</summary>
/// <param name="Index">Raft index of its entry.</param>
/// <param name="Ordinal">The number of the event in the entry, from 0.</param>
internal readonly record struct EventKey(long Index, int Ordinal) : IComparable<EventKey>
{
    /// <summary>Before all events.</summary>
    public static readonly EventKey First = new(0, 0);

    /// <summary>After all events.</summary>
    public static readonly EventKey Last = new(long.MaxValue, 0);

    public static bool operator <(EventKey left, EventKey right) => left.CompareTo(right) < 0;

    public static bool operator >(EventKey left, EventKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventKey left, EventKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventKey left, EventKey right) => left.CompareTo(right) >= 0;

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out EventKey key)
    {
        key = default;
        if (
            text.Split('-') is not [var index, var ordinal]
            || !long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !int.TryParse(ordinal, NumberStyles.None, CultureInfo.InvariantCulture, out var which)
        )
        {
            return false;
        }

        key = new EventKey(number, which);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(EventKey other) =>
        Index != other.Index ? Index.CompareTo(other.Index) : Ordinal.CompareTo(other.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}-{Ordinal}");
}
