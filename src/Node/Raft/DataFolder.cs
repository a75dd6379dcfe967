// The data folder: whose it is, that no other process uses it, and where each file in it is.
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text.Json;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Raft;

internal sealed class DataFolder : IDisposable
{
    private const int Format = 4;
    private const int IncarnationBytes = 16;
    private const int SharingViolation = 11;
    private const int SharingViolationOnWindows = unchecked((int)0x80070020);

    private readonly IFileSystem files;
    private readonly IDisposable inUse;
    private Identity identity;

    private DataFolder(IFileSystem files, string path, IDisposable inUse, bool isNew, string name)
    {
        this.files = files;
        Root = path;
        this.inUse = inUse;
        IsNew = isNew;
        identity = new Identity(
            Format,
            name,
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IncarnationBytes)),
            Founded: false,
            Removed: false,
            Checksum: ""
        );
    }

    public string Root { get; }

    /// <summary>Whether the node starts for the first time.</summary>
    public bool IsNew { get; }

    /// <summary>The random incarnation of this folder. A folder that was emptied gets another one.</summary>
    public string Incarnation => identity.Incarnation;

    /// <summary>
    /// Whether the node knows the cluster that it belongs to, or waits to be added to one. Only then it may vote and
    /// acknowledge.
    /// </summary>
    public bool IsBootstrapped => identity.Founded;

    public string LogDirectory => Path.Combine(Root, "log");

    public string SnapshotDirectory => Path.Combine(Root, "snapshots");

    public string HardStateFile => Path.Combine(Root, "vote");

    public string MembersFile => Path.Combine(Root, "members");

    /// <summary>The folder of the library's own log, which stays empty.</summary>
    public string UnusedDirectory => Path.Combine(Root, "unused");

    private string IdentityFile => Path.Combine(Root, "node.json");

    /// <summary>Opens the folder of a node, or makes it.</summary>
    /// <exception cref="WrongDataDirectoryException">It is in use, or belongs to another node or cluster, or can't be
    /// written.</exception>
    /// <exception cref="DamagedDataException">Parts of it are missing.</exception>
    /// <exception cref="NewerDataException">A newer version wrote some of it. Nothing was changed.</exception>
    public static DataFolder Open(RaftNodeOptions options)
    {
        var root = Path.GetFullPath(options.DataDirectory);
        var disk = options.FileSystem ?? OsFileSystem.Instance;
        IDisposable opened;
        try
        {
            disk.CreateDirectory(root);
            opened = disk.Lock(Path.Combine(root, "in-use"));
        }
        catch (IOException e) when (e.HResult is SharingViolation or SharingViolationOnWindows)
        {
            throw new WrongDataDirectoryException(
                $"The data folder {root} can't be used: {e.Message} Is another node running on it? Each node "
                    + "needs a folder of its own (--data).",
                e
            );
        }
        catch (UnauthorizedAccessException e)
        {
            throw new WrongDataDirectoryException(
                $"The data folder {root} can't be used: {e.Message} The node must be allowed to write there.",
                e
            );
        }

        try
        {
            var folder = new DataFolder(
                disk,
                root,
                opened,
                !disk.FileExists(Path.Combine(root, "node.json")),
                options.Name
            );
            if (folder.IsNew)
            {
                FirstStart.ClearLeftovers(disk, root, folder.LogDirectory, folder.SnapshotDirectory);
            }

            folder.CheckIdentity(options);
            DataVersions.Check(disk, folder);
            folder.FlushLeftovers();
            return folder;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Notes on disk that a first start is under way, if this is one. What it leaves behind when it is interrupted may
    /// be deleted.
    /// </summary>
    public void BeginFirstStart()
    {
        if (IsNew)
        {
            FirstStart.Begin(files, Root);
        }
    }

    /// <summary>Writes the identity: from now on the folder belongs to this node.</summary>
    public void WriteIdentity()
    {
        files.Replace(IdentityFile, stream => JsonSerializer.Serialize(stream, identity.Sealed()));
        FirstStart.End(files, Root);
    }

    /// <summary>Notes that the node now belongs to a cluster.</summary>
    public void MarkBootstrapped()
    {
        identity = identity with { Founded = true };
        WriteIdentity();
    }

    /// <summary>Notes that the node was removed: it never belongs to a cluster again.</summary>
    public void MarkRemoved()
    {
        identity = identity with { Removed = true };
        WriteIdentity();
    }

    public void Dispose() => inUse.Dispose();

    private void CheckIdentity(RaftNodeOptions options)
    {
        if (IsNew)
        {
            var left =
                files.HasEntries(LogDirectory) ? "a log"
                : files.HasEntries(SnapshotDirectory) ? "a snapshot"
                : files.FileExists(MembersFile) ? "a list of members"
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
            var bytes = files.ReadAllBytes(IdentityFile);
            RefuseNewer(bytes);
            found = JsonSerializer.Deserialize<Identity>(bytes);
        }
        catch (JsonException e)
        {
            throw new DamagedDataException($"{IdentityFile} is damaged.", e);
        }

        if (found is null || found.Format < 1)
        {
            throw new DamagedDataException($"{IdentityFile} is damaged: it names no format.");
        }

        if (found.Format != Format)
        {
            throw new WrongDataDirectoryException(
                $"{Root} has format {found.Format}, this version of RaftLocks reads format {Format}."
            );
        }

        if (found != found.Sealed())
        {
            throw new DamagedDataException($"{IdentityFile} is damaged: it has another checksum.");
        }

        identity = found;

        if (identity.Name != options.Name)
        {
            throw new WrongDataDirectoryException(
                $"{Root} belongs to node '{identity.Name}', not to '{options.Name}'. Start it with --name "
                    + $"{identity.Name}, or give this node a folder of its own."
            );
        }

        if (identity.Removed)
        {
            throw new WrongDataDirectoryException(
                $"Node '{identity.Name}' was removed from its cluster, and {Root} is what it left behind. To add "
                    + "it anew, give it an empty folder and start it with --join."
            );
        }

        foreach (var part in IsBootstrapped ? [HardStateFile, MembersFile] : new[] { HardStateFile })
        {
            if (!files.FileExists(part))
            {
                throw new DamagedDataException($"{part} is missing.");
            }
        }
    }

    /// <summary>Refuses a newer format. Only its number is known, and that it is JSON.</summary>
    private void RefuseNewer(byte[] bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        if (
            json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty(nameof(Identity.Format), out var format)
            && format.TryGetInt32(out var number)
            && number > Format
        )
        {
            throw NewerDataException.Format(IdentityFile, number, Format);
        }
    }

    /// <summary>
    /// Makes durable what is about to be read. A process that was killed may have left a vote, or a renamed file, in
    /// the page cache only. This process would rely on it, and it would be gone after a power cut.
    /// </summary>
    private void FlushLeftovers()
    {
        if (IsNew)
        {
            return;
        }

        files.WriteBack(HardStateFile);
        foreach (var directory in new[] { LogDirectory, SnapshotDirectory, Root }.Where(files.DirectoryExists))
        {
            files.FlushDirectory(directory);
        }
    }

    private sealed record Identity(
        int Format,
        string Name,
        string Incarnation,
        bool Founded,
        bool Removed,
        string Checksum
    )
    {
        public Identity Sealed()
        {
            var contents = JsonSerializer.SerializeToUtf8Bytes(this with { Checksum = "" });
            return this with { Checksum = Convert.ToHexStringLower(Crc32.Hash(contents)) };
        }
    }
}
