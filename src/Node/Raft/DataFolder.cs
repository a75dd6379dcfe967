// The data folder: whose it is, that nobody else uses it, and where in it everything lies.
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text.Json;

namespace RaftLocks.Node.Raft;

internal sealed class DataFolder : IDisposable
{
    private const int Format = 4;
    private const int IncarnationBytes = 16;
    private const int SharingViolation = 11;
    private const int SharingViolationOnWindows = unchecked((int)0x80070020);

    private readonly FileStream inUse;
    private Identity identity;

    private DataFolder(string path, FileStream inUse, bool isNew, string name)
    {
        Root = path;
        this.inUse = inUse;
        IsNew = isNew;
        identity = new Identity(Format, name, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IncarnationBytes)), Founded: false, Removed: false, Checksum: "");
    }

    public string Root { get; }

    /// <summary>Whether the node starts for the first time.</summary>
    public bool IsNew { get; }

    /// <summary>Random, of this folder alone: whoever empties it makes another.</summary>
    public string Incarnation => identity.Incarnation;

    /// <summary>Whether the node knows the cluster that it belongs to, or waits to be added to one: from then on it may make promises.</summary>
    public bool IsFounded => identity.Founded;

    public string LogDirectory => Path.Combine(Root, "log");

    public string SnapshotDirectory => Path.Combine(Root, "snapshots");

    public string VoteFile => Path.Combine(Root, "vote");

    public string MembersFile => Path.Combine(Root, "members");

    /// <summary>For the library's own log, which stays empty.</summary>
    public string UnusedDirectory => Path.Combine(Root, "unused");

    private string IdentityFile => Path.Combine(Root, "node.json");

    /// <summary>Opens the folder of a node, or makes it.</summary>
    /// <exception cref="WrongDataDirectoryException">It is in use, or belongs to another node or cluster, or can't be written.</exception>
    /// <exception cref="DamagedDataException">Parts of it are missing.</exception>
    public static DataFolder Open(RaftNodeOptions options)
    {
        var root = Path.GetFullPath(options.DataDirectory);
        FileStream opened;
        try
        {
            Directory.CreateDirectory(root);
            opened = new FileStream(Path.Combine(root, "in-use"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is SharingViolation or SharingViolationOnWindows)
        {
            throw new WrongDataDirectoryException(
                $"The data folder {root} can't be used: {e.Message} Is another node running on it? Each node needs a folder of its own (--data).", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new WrongDataDirectoryException($"The data folder {root} can't be used: {e.Message} The node must be allowed to write there.", e);
        }

        try
        {
            var folder = new DataFolder(root, opened, !File.Exists(Path.Combine(root, "node.json")), options.Name);
            folder.CheckIdentity(options);
            folder.FlushLeftovers();
            return folder;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>From here on the folder belongs to this node.</summary>
    public void WriteIdentity() => DurableFile.Replace(IdentityFile, stream => JsonSerializer.Serialize(stream, identity.Sealed()));

    /// <summary>From here on the node belongs to a cluster.</summary>
    public void MarkFounded()
    {
        identity = identity with { Founded = true };
        WriteIdentity();
    }

    /// <summary>From here on it never does again.</summary>
    public void MarkRemoved()
    {
        identity = identity with { Removed = true };
        WriteIdentity();
    }

    public void Dispose() => inUse.Dispose();

    private static bool HasAny(string directory) => Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any();

    private void CheckIdentity(RaftNodeOptions options)
    {
        if (IsNew)
        {
            var left = HasAny(LogDirectory) ? "a log"
                : HasAny(SnapshotDirectory) ? "a snapshot"
                : File.Exists(MembersFile) ? "a list of members"
                : null;
            if (left is not null)
            {
                throw new DamagedDataException($"{IdentityFile} is missing, but there is {left}.");
            }

            return;
        }

        Identity? found;
        try
        {
            found = JsonSerializer.Deserialize<Identity>(File.ReadAllBytes(IdentityFile));
        }
        catch (JsonException e)
        {
            throw new DamagedDataException($"{IdentityFile} is damaged.", e);
        }

        if (found is null || found.Format != Format)
        {
            throw new WrongDataDirectoryException($"{Root} has format {found?.Format}, this version of RaftLocks reads format {Format}.");
        }

        if (found != found.Sealed())
        {
            throw new DamagedDataException($"{IdentityFile} is damaged: it has another checksum.");
        }

        identity = found;

        if (identity.Name != options.Name)
        {
            throw new WrongDataDirectoryException(
                $"{Root} belongs to node '{identity.Name}', not to '{options.Name}'. Start it with --name {identity.Name}, or give this node a folder of its own.");
        }

        if (identity.Removed)
        {
            throw new WrongDataDirectoryException(
                $"Node '{identity.Name}' was removed from its cluster, and {Root} is what it left behind. To add it anew, give it an empty folder and start it with --join.");
        }

        foreach (var part in IsFounded ? [VoteFile, MembersFile] : new[] { VoteFile })
        {
            if (!File.Exists(part))
            {
                throw new DamagedDataException($"{part} is missing.");
            }
        }
    }

    /// <summary>Makes durable what is about to be read. A process that was killed may have left a vote, or a file of another name, in the page cache
    /// only: this one would keep to it, and not find it after a power cut.</summary>
    private void FlushLeftovers()
    {
        if (IsNew)
        {
            return;
        }

        DurableFile.WriteBack(VoteFile);
        foreach (var directory in new[] { LogDirectory, SnapshotDirectory, Root }.Where(Directory.Exists))
        {
            DurableFile.FlushDirectory(directory);
        }
    }

    private sealed record Identity(int Format, string Name, string Incarnation, bool Founded, bool Removed, string Checksum)
    {
        public Identity Sealed()
        {
            var contents = JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = "" });
            return this with { Checksum = Convert.ToHexStringLower(Crc32.Hash(contents)) };
        }
    }
}
