// The channels of a session beside the main one, by name. One that is ready again is kept for the next time, and
// forgotten when there are twice as many as are in use. Most sessions have none of this. A release may be on its way to
// a channel whose lock the node has ended: when such a channel is forgotten that is remembered for all of them
// together, so that it costs nothing however many there are.
using System.Diagnostics.CodeAnalysis;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>Finds channels by name. Guarded by the session's gate.</summary>
internal sealed class ChannelTable(Session session)
{
    private const int Few = 16;

    private readonly Dictionary<byte[], SessionChannel> channels = new(ByName.Comparer);
    private int sweepAt = Few;

    /// <summary>
    /// Whether a channel was forgotten, or refused, to which a release or downgrade may still be on its way.
    /// </summary>
    public bool HasForgotten { get; private set; }

    /// <summary>All of them.</summary>
    public IEnumerable<SessionChannel> All => channels.Values;

    public SessionChannel? Find(ReadOnlySpan<byte> name) =>
        channels.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var channel) ? channel : null;

    public void Add(SessionChannel channel) => channels.Add(channel.Name, channel);

    /// <summary>Finds or adds one; null if there are too many in use.</summary>
    public SessionChannel? Get(ReadOnlySpan<byte> name, int maxInUse)
    {
        if (Find(name) is { } known)
        {
            return known;
        }

        if (channels.Count >= Math.Min(sweepAt, maxInUse))
        {
            Sweep();
            if (channels.Count >= maxInUse)
            {
                HasForgotten = true;
                return null;
            }
        }

        var added = new SessionChannel(session, name.ToArray());
        channels.Add(added.Name, added);
        return added;
    }

    private void Sweep()
    {
        foreach (var (name, channel) in channels)
        {
            if (channel.IsIdle)
            {
                HasForgotten |= channel.MayBeCrossed;
                channels.Remove(name);
            }
        }

        sweepAt = Math.Max(Few, channels.Count * 2);
    }

    // Compares names by their bytes; finds them by a span too.
    private sealed class ByName : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByName Comparer = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] name) => GetHashCode(name.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
