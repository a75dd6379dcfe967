// One lock request as its client recorded it. All times are readings of one monotonic clock, that of the process
// in which all clients run, in ms.
namespace RaftLocks.Chaos.History;

/// <summary>A path to lock.</summary>
/// <param name="Write">Whether the access is exclusive; otherwise it is shared with other readers.</param>
/// <param name="Path">Its segments.</param>
public sealed record Resource(bool Write, IReadOnlyList<string> Path)
{
    /// <summary>Whether one excludes the other: one path begins with the other, and not both only read.</summary>
    public bool ConflictsWith(Resource other)
    {
        if (!Write && !other.Write)
        {
            return false;
        }

        var shared = Math.Min(Path.Count, other.Path.Count);
        for (var i = 0; i < shared; i++)
        {
            if (Path[i] != other.Path[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => (Write ? "w:" : "r:") + string.Join('/', Path);
}

/// <summary>How a client's part in its request ended.</summary>
public enum Ending
{
    /// <summary>The client's part has not ended.</summary>
    None,

    /// <summary>It sent a release; whether that was confirmed, <see cref="Request.ReleasedAt"/> tells.</summary>
    Release,

    /// <summary>It closed or broke off its connection.</summary>
    Vanish,

    /// <summary>The connection ended from the other side, or the client could not tell.</summary>
    Broken,
}

/// <summary>A request.</summary>
public sealed class Request
{
    /// <summary>The number of the client.</summary>
    public required int Client { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The resources that it asks for.</summary>
    public required IReadOnlyList<Resource> Resources { get; init; }

    /// <summary>How long the lock outlives its connection, ms.</summary>
    public required long AbandonTimeoutMs { get; init; }

    /// <summary>When the lock message was sent.</summary>
    public required double SentAt { get; init; }

    /// <summary>The number that the server gave; null if it never answered.</summary>
    public ulong? Id { get; set; }

    /// <summary>When the number was first seen.</summary>
    public double? SeenAt { get; set; }

    /// <summary>When the client was told that it holds the lock.</summary>
    public double? AcquiredAt { get; set; }

    /// <summary>
    /// When the client's part ended: its release was sent, its connection closed by it or found broken.
    /// </summary>
    public double? EndedAt { get; set; }

    /// <summary>How the client's part ended.</summary>
    public Ending Ending { get; set; }

    /// <summary>When the server confirmed the release.</summary>
    public double? ReleasedAt { get; set; }

    /// <summary>When the client was last told that it still had it: its session was known to be alive then.</summary>
    public double? LastHeardAt { get; set; }

    /// <summary>When a client that had not let go came back and was told that it had nothing any more.</summary>
    public double? GoneAt { get; set; }

    /// <summary>
    /// Which node it was connected to, which may have forwarded it; null where the client can't tell. For people: no
    /// check looks at it.
    /// </summary>
    public string? Through { get; set; }

    /// <summary>How the other side ended the connection. For people: no check looks at it.</summary>
    public string? Closing { get; set; }

    /// <summary>What a client of the .NET library believed; null for the others.</summary>
    public HolderView? HolderView { get; set; }

    private string Gone =>
        GoneAt is null ? "" : FormattableString.Invariant($", gone at {GoneAt:F1}, last heard of at {LastHeardAt:F1}");

    /// <summary>Whether two requests can't hold at the same time.</summary>
    public bool ConflictsWith(Request other) =>
        Namespace == other.Namespace && Resources.Any(mine => other.Resources.Any(mine.ConflictsWith));

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Namespace}#{Id?.ToString() ?? "?"} of client {Client} [{string.Join(' ', Resources)}] timeout "
                + $"{AbandonTimeoutMs} ms: sent {SentAt:F1}, seen {SeenAt:F1}, acquired {AcquiredAt:F1}, ended "
                + $"{EndedAt:F1} ({Ending}), released "
                + $"{ReleasedAt:F1}{Gone}{(Through is null ? "" : $", through {Through}")}"
                + $"{(Closing is null ? "" : $", closed: {Closing}")}{HolderView}"
        );
}
