// Checks a snapshot that comes in parts, without making anything of it: that it is one, that this build can read it,
// and that its checksum holds. A restore believes what it reads only after that.
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Codec;

/// <summary>Whether the bytes of a snapshot are as they were written.</summary>
public sealed class SnapshotCheck
{
    private const string Damaged = "its checksum does not match: the file is damaged or was not written to its end";

    private readonly ByteWriter head = new(SnapshotHead.MaxBytes);
    private readonly TrailingChecksum sum = new();

    /// <summary>Raft index of the last entry applied; known when <see cref="Complete"/> found nothing wrong.</summary>
    public long Index { get; private set; }

    /// <summary>Its term.</summary>
    public long Term { get; private set; }

    /// <summary>Live requests.</summary>
    public long LiveCount { get; private set; }

    /// <summary>Reads the next part.</summary>
    /// <returns>What is wrong, for people, or null so far.</returns>
    public string? Append(ReadOnlySpan<byte> part)
    {
        head.Raw(part[..Math.Min(part.Length, SnapshotHead.MaxBytes - head.Length)]);
        sum.Append(part);
        var reader = new ByteReader(head.Written);
        return head.Length < 8 ? null : SnapshotHead.CheckVersion(reader);
    }

    /// <summary>The last part has been taken.</summary>
    /// <returns>What is wrong, for people, or null.</returns>
    public string? Complete()
    {
        var reader = new ByteReader(head.Written);
        if (SnapshotHead.CheckVersion(reader) is { } error)
        {
            return error;
        }

        if (!sum.Holds || !SnapshotHead.TryRead(ref reader, out var read))
        {
            return Damaged;
        }

        (Index, Term, LiveCount) = (read.Index, read.Term, (long)read.Live);
        return read.FeatureLevel > Versions.SupportedFeatureLevel
            ? $"it has feature level {read.FeatureLevel}, this build supports {Versions.SupportedFeatureLevel}"
            : null;
    }
}
