namespace RaftLocks.Cluster;

// A disk that fails on demand under one node's data folder (chaos/shims/disk-fault.c). The node must be started with
// it; from then on faults begin and end while it runs.

/// <summary>The faults of one node's disk.</summary>
public sealed class FaultyDisk
{
    private readonly string _control;

    /// <summary>Puts the shim before a node that is not running yet.</summary>
    public FaultyDisk(NodeProcess node, string dataFolder)
    {
        _control = dataFolder + ".fault";
        node.Environment["LD_PRELOAD"] = Shims.Build("disk-fault");
        node.Environment["DISK_FAULT_ROOT"] = dataFolder;
        node.Environment["DISK_FAULT_CONTROL"] = _control;
    }

    /// <summary>From here on there is no room: nothing grows, nothing new is made.</summary>
    public void Fill() => Begin("full");

    /// <summary>From here on nothing can be changed.</summary>
    public void MakeReadOnly() => Begin("read-only");

    /// <summary>
    /// From here on writes fail, those to all files or to those whose path contains <paramref name="part"/>.
    /// </summary>
    public void FailWrites(string part = "") => Begin("fail-write " + part);

    /// <summary>From here on flushes fail: what was written may be in the page cache and is not on the disk.</summary>
    public void FailFlushes(string part = "") => Begin("fail-sync " + part);

    /// <summary>From here on reads fail.</summary>
    public void FailReads(string part = "") => Begin("fail-read " + part);

    /// <summary>From here on each flush takes so much longer.</summary>
    public void SlowDown(int ms) => Begin($"slow {ms}");

    /// <summary>
    /// From here on flushes do not return, those of all files or of those whose path contains <paramref name="part"/>.
    /// </summary>
    public void Hang(string part = "") => Begin("hang " + part);

    /// <summary>From here on the disk is well again.</summary>
    public void Mend() => File.Delete(_control);

    private void Begin(string fault)
    {
        var beside = _control + ".tmp";
        File.WriteAllText(beside, fault);
        File.Move(beside, _control, overwrite: true);
    }
}
