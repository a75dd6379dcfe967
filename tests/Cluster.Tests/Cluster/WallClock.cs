using System.Buffers.Binary;

namespace RaftLocks.Cluster;

// The time of day of one node's process, set by the test (chaos/shims/clock-jump.c): the process must be started with
// it, and has the file mapped. Its monotonic clock goes on as it should.

/// <summary>A clock that can be set while its node runs.</summary>
public sealed class WallClock
{
    private const long NanosecondsPerTick = 100;
    private readonly string _file;

    /// <summary>Makes the clock, which is right as yet.</summary>
    public WallClock(string file)
    {
        _file = file;
        Set(TimeSpan.Zero);
    }

    /// <summary>Gives it to a node that is not running yet; returns the library that must be preloaded.</summary>
    public string GiveTo(NodeProcess node)
    {
        node.Environment["CLOCK_JUMP"] = _file;
        return Shims.Build("clock-jump");
    }

    /// <summary>From here on it is so much fast, or slow.</summary>
    public void Set(TimeSpan ahead)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, ahead.Ticks * NanosecondsPerTick);
        using var stream = new FileStream(_file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(bytes);
    }
}
