// Who the members are. The newest configuration in the log counts, committed or not, from the moment its entry is
// appended, and at a start too; when the entry is truncated, the one before it counts again (Ongaro 2014, section 4.1).
// So there are two lists: the applied one, on disk (MembersFile), which is committed and never goes; and upon it the
// configurations of the log's entries that are not yet applied.
//
// The library asks for the newest at its start, and is told of each change. It takes a change over on a loop of its
// own, a moment later: DurableLog.Configurations.cs sees that nothing is decided in between.
//
// A member whose entry carries another incarnation than this node's data is not this node, whatever its name and
// address: it is what this node was before it lost its data. The library is not told about it, and so does not vote on
// its behalf.
using System.Net;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Membership;

internal sealed partial class MembershipStore : IClusterConfigurationStorage<EndPoint>
{
    // Protects what is in memory; held for moments. The library is told about changes behind it, one after the other.
    private readonly Lock gate = new();

    // For the file.
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly MembersFile file;
    private readonly string self;
    private readonly string incarnation;

    // Of entries that are in the log and not yet applied, oldest first.
    private readonly List<Configuration> appended = [];
    private volatile Configuration applied;
    private volatile Configuration newest;

    // What another member has applied, and is not in this node's log yet.
    private Configuration? observed;

    private volatile Member? candidate;
    private volatile bool isBeingAdded;

    private MembershipStore(MembersFile file, string self, string incarnation)
    {
        this.file = file;
        this.self = self;
        this.incarnation = incarnation;
        applied = newest = file.Read() is { } read
            ? new Configuration(read.Index, Set(read.Members))
            : new Configuration(-1, Set([]));
        FindKnown();
    }

    /// <inheritdoc/>
    public event Func<IClusterConfiguration<EndPoint>, CancellationToken, ValueTask>? ConfigurationChanged;

    /// <summary>Called after a change was applied, with whether this node was a member before.</summary>
    public Action<bool>? Changed { get; set; }

    /// <summary>Called when a change could not be written, and why: the disk is full or failing.</summary>
    public Action<string, Exception?>? Failed { get; set; }

    /// <summary>The members by the newest configuration in the log: those that count.</summary>
    public IReadOnlyList<Member> Members => newest.Set.All;

    /// <summary>The Raft addresses of those of them that the library is to know.</summary>
    public IReadOnlySet<EndPoint> EndPoints => newest.Set.Members;

    /// <summary>Index of the newest configuration's entry; 0 for the initial members, -1 while nobody is
    /// known.</summary>
    public long Index => newest.Index;

    /// <summary>The members by the newest configuration that is applied, and so committed.</summary>
    public IReadOnlyList<Member> AppliedMembers => applied.Set.All;

    /// <summary>Index of that configuration's entry.</summary>
    public long AppliedIndex => applied.Index;

    /// <summary>Who is being added as a member; null if nobody is.</summary>
    public Member? Adding => candidate;

    /// <summary>Whether this node, with the data that it has, is one of the members that count.</summary>
    public bool HasSelf => newest.Set.All.Any(IsSelf);

    /// <summary>Whether this node may vote. A voter needs no configuration; but a node whose data is not known to be a
    /// member's may have forgotten a promise of the member that it was.
    /// </summary>
    public bool MayVote => isBeingAdded || IsMember;

    /// <summary>Whether this node is a member, by the newest configuration or by the one that it has applied.</summary>
    public bool IsMember => HasSelf || applied.Set.All.Any(IsSelf);

    /// <summary>Opens the list, or none if there is no file yet.</summary>
    /// <exception cref="DamagedDataException">It is damaged.</exception>
    public static MembershipStore Open(IFileSystem files, string path, string self, string incarnation) =>
        new(new MembersFile(files, path), self, incarnation);

    /// <summary>Reads what the log holds at a start: the newest configuration in it counts.</summary>
    /// <exception cref="DamagedDataException">A configuration can't be read.</exception>
    public void Recover(IEnumerable<(long Index, ReadOnlyMemory<byte> Content)> configurations)
    {
        foreach (var (index, content) in configurations)
        {
            try
            {
                OnAppended(index, content.Span);
            }
            catch (InvalidDataException e)
            {
                throw new DamagedDataException($"The log's entry {index}: {e.Message}", e);
            }
        }
    }

    /// <summary>
    /// Writes the members that the cluster is bootstrapped with, or none for a node that waits to be added.
    /// </summary>
    public void Bootstrap(IReadOnlyList<Member> members)
    {
        var initialMembers = new Configuration(0, Set(members));
        file.Write(initialMembers.Index, initialMembers.Set);
        lock (gate)
        {
            applied = initialMembers;
            Renew();
        }
    }

    /// <summary>Writes the only member's new addresses, at a start: no entry of the log reports them.</summary>
    public void Readdress(Member self)
    {
        if (applied.Set.All is [var known] && known != self)
        {
            var readdressed = new Configuration(applied.Index, Set([self]));
            file.Write(readdressed.Index, readdressed.Set);
            lock (gate)
            {
                applied = newest = readdressed;
                FindKnown();
            }
        }
    }

    /// <summary>The member whose address the library will be asked to add next.</summary>
    public void Announce(Member? added)
    {
        lock (gate)
        {
            candidate = added;
            FindKnown();
        }
    }

    /// <summary>Is told that a member of the cluster has a configuration in its log that names this node, with the
    /// data that it has, and that it is not in this node's log. It may be the only one that has it, and need this
    /// node's vote to send it: so the library is told who may ask.
    /// </summary>
    public void ObserveAddition(IReadOnlyList<Member> members)
    {
        lock (gate)
        {
            if (!isBeingAdded && !HasSelf && members.Any(IsSelf))
            {
                isBeingAdded = true;
                Tell(Set([.. members.Where(member => !IsSelf(member))]));
            }
        }
    }

    /// <summary>Is told about members that another member has applied, and that are not in this node's log. They are
    /// committed: whoever counts by them can't be elected before it has their entry. But the library votes only for
    /// members that it knows, and the one that can win may be new among them.
    /// </summary>
    public void Observe(IReadOnlyList<Member> members, long index)
    {
        lock (gate)
        {
            if (index > newest.Index)
            {
                observed = new Configuration(index, Set(members));
                Renew();
            }
        }
    }

    /// <summary>A configuration was appended to the log: it counts from now on.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a newer version.</exception>
    public void OnAppended(long index, ReadOnlySpan<byte> content)
    {
        var configuration = new Configuration(index, Set(MemberCodec.Decode(content)));
        lock (gate)
        {
            if (index > applied.Index)
            {
                appended.Add(configuration);
                Renew();
            }
        }
    }

    /// <summary>The log was truncated: the configurations from an index on no longer count.</summary>
    public void OnTruncated(long fromIndex)
    {
        lock (gate)
        {
            if (appended.RemoveAll(configuration => configuration.Index >= fromIndex) > 0)
            {
                Renew();
            }
        }
    }

    /// <summary>
    /// A configuration is committed and applied; it is on disk when this returns, and what made way for it may leave
    /// the log.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask ApplyAsync(long index, ReadOnlyMemory<byte> content)
    {
        var configuration = new Configuration(index, Set(MemberCodec.Decode(content.Span)));
        await writing.WaitAsync();
        try
        {
            if (index > Math.Max(applied.Index, 0))
            {
                Apply(configuration);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed?.Invoke(e.Message, e);
            throw;
        }
        finally
        {
            writing.Release();
        }
    }

    /// <inheritdoc/>
    ValueTask<IClusterConfiguration<EndPoint>> IClusterConfigurationStorage<EndPoint>.LoadConfigurationAsync(
        CancellationToken token
    ) => ValueTask.FromResult<IClusterConfiguration<EndPoint>>(newest.Set);

    /// <summary>
    /// The applied members, which go with a snapshot. They may be newer than the snapshot, which is as good: they are
    /// committed.
    /// </summary>
    ValueTask<(IDataTransferObject Configuration, long Version)> IClusterConfigurationStorage.LoadConfigurationAsync(
        CancellationToken token
    )
    {
        var sent = applied;
        return ValueTask.FromResult<(IDataTransferObject, long)>((sent.Set, Math.Max(sent.Index, 0)));
    }

    /// <summary>
    /// Takes what came before a snapshot: the sender's applied members. They are on disk before the snapshot is taken
    /// in.
    /// </summary>
    public async ValueTask<bool> SaveConfigurationAsync<TConfiguration>(
        TConfiguration configuration,
        long configurationVersion,
        CancellationToken token = default
    )
        where TConfiguration : IDataTransferObject
    {
        var isNew = configurationVersion > Math.Max(applied.Index, 0);
        await ApplyAsync(configurationVersion, await configuration.ToByteArrayAsync(token: token));
        return isNew;
    }

    /// <inheritdoc/>
    public void Dispose() => writing.Dispose();

    private void Apply(Configuration configuration)
    {
        var wasMember = applied.Set.All.Any(IsSelf);
        file.Write(configuration.Index, configuration.Set);
        lock (gate)
        {
            applied = configuration;
            appended.RemoveAll(older => older.Index <= configuration.Index);
            Renew();
        }

        Changed?.Invoke(wasMember);
    }

    /// <summary>Finds the newest, and tells the library if it is another than before. Called while the gate is
    /// held.</summary>
    private void Renew()
    {
        var before = newest;
        newest = appended.Count > 0 ? appended[^1] : applied;
        if (observed is { } known && known.Index > newest.Index)
        {
            newest = known;
        }
        else
        {
            observed = null;
        }

        FindKnown();
        if (newest.Index != before.Index)
        {
            isBeingAdded = false;
            Tell(newest.Set);
        }
    }

    private void Tell(MemberSet members)
    {
        if (ConfigurationChanged is { } told)
        {
            // A queue without bounds: it takes everything at once, and nothing more once the library stops.
            _ = told(members, CancellationToken.None).AsTask();
        }
    }

    private MemberSet Set(IReadOnlyList<Member> members) =>
        new(members, Counts, address => candidate is { } added && added.RaftEndPoint.Equals(address) ? added : null);

    private bool Counts(Member member) =>
        member.Name != self || member.Incarnation.Length == 0 || member.Incarnation == incarnation;

    /// <summary>Whether a member is this node, with the data that it has.</summary>
    public bool IsSelf(Member member) => member.Name == self && Counts(member);

    private sealed record Configuration(long Index, MemberSet Set);
}
