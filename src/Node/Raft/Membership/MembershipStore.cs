// The replicated list of members on disk: founded with the cluster, then changed by entries of the log, each when it is applied. The
// library asks for it at its start and is told of changes.
//
// A member whose entry carries another incarnation than this node's data is not this node, whatever its name and address: it is what this
// node was before it lost its data. The library isn't told of it, and so does not vote on its behalf.
//
//   magic "RLMF" | version 4 | index 8 | CRC-32 of these 4 | list of members (MemberCodec)
using System.Buffers.Binary;
using System.Net;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.Membership;

namespace RaftLocks.Node.Raft;

internal sealed class MembershipStore : IClusterConfigurationStorage<EndPoint>
{
    private const int IndexBytes = 8;
    private const int HeaderBytes = Seal.Before + IndexBytes + Seal.After;
    private static readonly Seal Seal = new(Magic: 0x464D4C52, Version: 1);

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly string path;
    private readonly string self;
    private readonly string incarnation;
    private volatile Member? candidate;
    private volatile MemberSet current;
    private long index = -1;

    private MembershipStore(string path, string self, string incarnation)
    {
        this.path = path;
        this.self = self;
        this.incarnation = incarnation;
        current = Set([]);
    }

    /// <inheritdoc/>
    public event Func<IClusterConfiguration<EndPoint>, CancellationToken, ValueTask>? ConfigurationChanged;

    /// <summary>Told after a change, with whether this node was a member before.</summary>
    public Action<bool>? Changed { get; set; }

    /// <summary>Told when a change could not be written, and why: the disk is full or failing.</summary>
    public Action<string, Exception?>? Failed { get; set; }

    /// <summary>All members.</summary>
    public IReadOnlyList<Member> Members => current.All;

    /// <summary>Index of the entry that last changed them; 0 for the founders, -1 while nobody is known.</summary>
    public long Index => Volatile.Read(ref index);

    /// <summary>Whether a member is being added.</summary>
    public bool IsAdding => candidate is not null;

    /// <summary>Whether this node, with the data that it has, is one of them.</summary>
    public bool HasSelf => current.All.Any(IsSelf);

    /// <summary>The member of this node's name, if it is one with other data: this node's former self.</summary>
    public Member? FormerSelf => current.All.FirstOrDefault(member => member.Name == self && !Counts(member));

    /// <summary>Opens the list, or none if there is no file yet.</summary>
    /// <exception cref="DamagedDataException">It is damaged.</exception>
    public static MembershipStore Open(string path, string self, string incarnation)
    {
        var store = new MembershipStore(path, self, incarnation);
        if (File.Exists(path))
        {
            store.Read(File.ReadAllBytes(path));
        }

        return store;
    }

    /// <summary>Writes the members that the cluster is founded with, or none for a node that waits to be added.</summary>
    public void Found(IReadOnlyList<Member> members) => Write(Set(members), 0);

    /// <summary>The member whose address the library will be asked to add next.</summary>
    public void Announce(Member? added) => candidate = added;

    /// <inheritdoc/>
    ValueTask<IClusterConfiguration<EndPoint>> IClusterConfigurationStorage<EndPoint>.LoadConfigurationAsync(CancellationToken token) =>
        ValueTask.FromResult<IClusterConfiguration<EndPoint>>(current);

    /// <inheritdoc/>
    ValueTask<(IDataTransferObject Configuration, long Version)> IClusterConfigurationStorage.LoadConfigurationAsync(CancellationToken token) =>
        ValueTask.FromResult<(IDataTransferObject, long)>((current, Math.Max(Index, 0)));

    /// <inheritdoc/>
    public async ValueTask<bool> SaveConfigurationAsync<TConfiguration>(TConfiguration configuration, long configurationVersion, CancellationToken token = default)
        where TConfiguration : IDataTransferObject
    {
        var bytes = await configuration.ToByteArrayAsync(token: token);
        await gate.WaitAsync(token);
        try
        {
            if (configurationVersion <= Math.Max(Index, 0))
            {
                return false;
            }

            var wasMember = HasSelf;
            var changed = Set(MemberCodec.Decode(bytes));
            Write(changed, configurationVersion);
            Changed?.Invoke(wasMember);
            if (ConfigurationChanged is { } told)
            {
                await told(changed, token);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed?.Invoke(e.Message, e);
            throw;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private MemberSet Set(IReadOnlyList<Member> members) =>
        new(members, Counts, address => candidate is { } added && added.RaftEndPoint.Equals(address) ? added : null);

    private bool Counts(Member member) => member.Name != self || member.Incarnation.Length == 0 || member.Incarnation == incarnation;

    private bool IsSelf(Member member) => member.Name == self && Counts(member);

    private void Write(MemberSet members, long at)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(Seal.Before), at);
        Seal.Close(header);
        DurableFile.Replace(path, stream =>
        {
            stream.Write(header);
            stream.Write(members.Bytes);
        });
        current = members;
        Volatile.Write(ref index, at);
    }

    private void Read(byte[] bytes)
    {
        var at = Seal.Open(bytes.AsSpan(0, Math.Min(bytes.Length, HeaderBytes)), IndexBytes, $"The list of members, {path},");
        try
        {
            current = Set(MemberCodec.Decode(bytes.AsSpan(HeaderBytes)));
        }
        catch (InvalidDataException e)
        {
            throw new DamagedDataException($"{path}: {e.Message}", e);
        }

        index = BinaryPrimitives.ReadInt64LittleEndian(at);
    }
}
