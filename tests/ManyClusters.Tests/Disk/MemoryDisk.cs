// A disk in memory that behaves as a real one is allowed to: what was written and not flushed, and names that were
// given or taken and not flushed with their folder, may be lost when the power fails. It outlives the processes that
// use it, each through a MemoryFileSystem of its own.
namespace RaftLocks.ManyClusters.Disk;

/// <summary>One machine's disk.</summary>
internal sealed class MemoryDisk(int seed)
{
    private readonly Random chance = new(seed);
    private readonly Dictionary<string, FileContents> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileContents> durableNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> directories = new(StringComparer.Ordinal);

    // Changes of names that are not flushed, by folder, in their order.
    private readonly Dictionary<string, List<(string Path, FileContents? Contents)[]>> unflushedNames = new(
        StringComparer.Ordinal
    );
    private readonly Dictionary<string, MemoryFileSystem> locks = new(StringComparer.Ordinal);
    private volatile DiskFault? fault;

    /// <summary>Guards everything here, and is told when something changes that somebody waits for.</summary>
    public object Gate { get; } = new();

    /// <summary>What goes wrong at the moment, if anything.</summary>
    public DiskFault? Fault
    {
        get => fault;
        set
        {
            lock (Gate)
            {
                fault = value;
                Monitor.PulseAll(Gate);
            }
        }
    }

    /// <summary>
    /// Told of each file whose name was made durable: its path, and its contents as a reader sees them, flushed or not.
    /// Whoever wrote it counts on them from then on.
    /// </summary>
    public Action<string, byte[]>? Replaced { get; set; }

    /// <summary>The machine loses its power. Whoever used the disk must be gone.</summary>
    public void LosePower()
    {
        lock (Gate)
        {
            foreach (var changes in unflushedNames.Values)
            {
                // File systems keep the order of such changes within a journal: some of the first are there, the others
                // are not.
                foreach (var change in changes.Take(chance.Next(changes.Count + 1)))
                {
                    Apply(durableNames, change);
                }
            }

            unflushedNames.Clear();
            names.Clear();
            foreach (var (path, contents) in durableNames)
            {
                contents.LosePower(chance);
                names.Add(path, contents);
            }
        }
    }

    /// <summary>The contents of a file, or null.</summary>
    public FileContents? Find(string path) => names.GetValueOrDefault(path);

    /// <summary>The paths of the files in a folder.</summary>
    public IEnumerable<string> FilesIn(string directory) =>
        names.Keys.Where(path => string.Equals(Path.GetDirectoryName(path), directory, StringComparison.Ordinal));

    /// <summary>Whether a folder is there.</summary>
    public bool HasDirectory(string path) => directories.Contains(path);

    /// <summary>
    /// Makes a folder and those above it. Folders are durable at once: the product relies on no more than that they are
    /// made before their files.
    /// </summary>
    public void AddDirectory(string path)
    {
        for (var at = path; !string.IsNullOrEmpty(at); at = Path.GetDirectoryName(at))
        {
            directories.Add(at);
        }
    }

    /// <summary>Gives names and takes them, all or none.</summary>
    public void Change(string directory, params (string Path, FileContents? Contents)[] change)
    {
        Apply(names, change);
        if (!unflushedNames.TryGetValue(directory, out var changes))
        {
            unflushedNames.Add(directory, changes = []);
        }

        changes.Add(change);
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public void FlushNames(string directory)
    {
        if (unflushedNames.Remove(directory, out var changes))
        {
            foreach (var change in changes)
            {
                Apply(durableNames, change);
                foreach (var (path, contents) in change)
                {
                    if (contents is not null)
                    {
                        Replaced?.Invoke(path, contents.ReadAll());
                    }
                }
            }
        }
    }

    /// <summary>Lets one process have a file for itself.</summary>
    public bool TryLock(string path, MemoryFileSystem owner) => locks.TryAdd(path, owner);

    /// <summary>A process has ended, or gives a file back.</summary>
    public void Unlock(MemoryFileSystem owner)
    {
        foreach (var path in locks.Where(held => held.Value == owner).Select(held => held.Key).ToArray())
        {
            locks.Remove(path);
        }
    }

    private static void Apply(Dictionary<string, FileContents> to, (string Path, FileContents? Contents)[] change)
    {
        foreach (var (path, contents) in change)
        {
            if (contents is null)
            {
                to.Remove(path);
            }
            else
            {
                to[path] = contents;
            }
        }
    }
}
