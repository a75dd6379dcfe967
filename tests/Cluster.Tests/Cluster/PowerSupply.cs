namespace RaftLocks.Cluster;

// What a power cut leaves of a node's data folder (chaos/shims/power-cut.c): a copy that holds what was flushed, and
// nothing else.

/// <summary>The power supply of one node.</summary>
public sealed class PowerSupply
{
    private readonly string _data;
    private readonly string _durable;
    private readonly string _delay;

    /// <summary>Puts the shim before a node that is not running yet.</summary>
    public PowerSupply(NodeProcess node, string dataFolder)
    {
        _data = dataFolder;
        _durable = dataFolder + ".durable";
        _delay = dataFolder + ".delay";
        node.Environment["LD_PRELOAD"] = Shims.Build("power-cut");
        node.Environment["POWER_CUT_ROOT"] = _data;
        node.Environment["POWER_CUT_DURABLE"] = _durable;
        node.Environment["POWER_CUT_DELAY"] = _delay;
    }

    /// <summary>From here on a flush takes about so long before anything of it is durable.</summary>
    public void DelayFlushes(int ms)
    {
        var beside = _delay + ".tmp";
        File.WriteAllText(beside, $"{ms}");
        File.Move(beside, _delay, overwrite: true);
    }

    /// <summary>Makes the data folder what the power cut left of it. The node was killed before.</summary>
    /// <param name="toBePlayedAgain">Whether the node goes on without the shim, and the same cut is wanted once more
    /// afterwards.</param>
    public void Cut(bool toBePlayedAgain = false)
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }

        Directory.CreateDirectory(_data);
        foreach (
            var folder in Directory.EnumerateDirectories(_durable, "*", SearchOption.AllDirectories).Where(IsOfTheNode)
        )
        {
            Directory.CreateDirectory(Path.Combine(_data, Path.GetRelativePath(_durable, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(_durable, "*", SearchOption.AllDirectories).Where(IsOfTheNode))
        {
            File.Copy(file, Path.Combine(_data, Path.GetRelativePath(_durable, file)));
        }

        if (!toBePlayedAgain)
        {
            // The copy knows files by their inodes, and these are new files: the next start takes in what it finds.
            Directory.Delete(_durable, recursive: true);
        }
    }

    private bool IsOfTheNode(string path) =>
        !Path.GetRelativePath(_durable, path).StartsWith(".inodes", StringComparison.Ordinal);
}
