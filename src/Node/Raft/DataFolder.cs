// The data folder: whose it is, that nobody else uses it, and where in it everything lies.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RaftLocks.Node.Raft;

internal sealed class DataFolder : IDisposable
{
    private const int Format = 1;

    private readonly FileStream inUse;

    private DataFolder(string path, FileStream inUse, bool isNew)
    {
        Root = path;
        this.inUse = inUse;
        IsNew = isNew;
    }

    public string Root { get; }

    /// <summary>Whether the node starts for the first time.</summary>
    public bool IsNew { get; }

    public string LogDirectory => Path.Combine(Root, "log");

    public string SnapshotDirectory => Path.Combine(Root, "snapshots");

    public string VoteCopyFile => Path.Combine(Root, "vote.copy");

    public string CutMarkFile => Path.Combine(Root, "log.cut");

    public string CheckpointFile => Path.Combine(LogDirectory, "checkpoint");

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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongDataDirectoryException(
                $"The data folder {root} can't be used: {e.Message} Is another node running on it? Each node needs a folder of its own (--data).", e);
        }

        try
        {
            var folder = new DataFolder(root, opened, !File.Exists(Path.Combine(root, "node.json")));
            folder.CheckIdentity(options);
            return folder;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>From here on the folder belongs to this node.</summary>
    public void WriteIdentity(RaftNodeOptions options)
    {
        var identity = new Identity(Format, options.Name, ClusterIdOf(options));
        DurableFile.Replace(IdentityFile, stream => JsonSerializer.Serialize(stream, identity));
    }

    public void Dispose() => inUse.Dispose();

    /// <summary>The cluster's id follows from the members it was founded with.</summary>
    private static string ClusterIdOf(RaftNodeOptions options)
    {
        var members = string.Join('\n', options.Members.Select(member => $"{member.Name} {member.RaftAddress}").Order(StringComparer.Ordinal));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(members)).AsSpan(0, 16));
    }

    private void CheckIdentity(RaftNodeOptions options)
    {
        if (IsNew)
        {
            if (Directory.Exists(LogDirectory) && Directory.EnumerateFileSystemEntries(LogDirectory).Any())
            {
                throw new DamagedDataException($"{IdentityFile} is missing, but there is a log.");
            }

            return;
        }

        Identity? identity;
        try
        {
            identity = JsonSerializer.Deserialize<Identity>(File.ReadAllBytes(IdentityFile));
        }
        catch (JsonException e)
        {
            throw new DamagedDataException($"{IdentityFile} is damaged.", e);
        }

        if (identity is null || identity.Format != Format)
        {
            throw new WrongDataDirectoryException($"{Root} has format {identity?.Format}, this version of RaftLocks reads format {Format}.");
        }

        if (identity.Name != options.Name)
        {
            throw new WrongDataDirectoryException(
                $"{Root} belongs to node '{identity.Name}', not to '{options.Name}'. Start it with --name {identity.Name}, or give this node a folder of its own.");
        }

        if (identity.ClusterId != ClusterIdOf(options))
        {
            throw new WrongDataDirectoryException(
                $"{Root} belongs to a cluster with other members. Start the node with the --member list that it was first started with, or give it a new folder.");
        }

        foreach (var part in new[] { CheckpointFile, Path.Combine(LogDirectory, "state") })
        {
            if (!File.Exists(part))
            {
                throw new DamagedDataException($"{part} is missing.");
            }
        }
    }

    private sealed record Identity(int Format, string Name, string ClusterId);
}
