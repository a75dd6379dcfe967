// What is refused before it is proposed, because the cluster would grow beyond its limits; and what is counted for it.
// Each namespace is counted as this leadership has seen it. Commands that are on their way are not counted, so a limit
// may be passed by as many as are in flight. Memory is counted with those, so no budget is exceeded: in sums for each
// session, namespace and principal (Footprints), which a new leader makes of what it adopts from the log.
//
// How much memory a live request takes of every node is computed from what stays the same as long as it lives: a
// downgrade changes neither the length of its body nor its paths. So it is the same when the lock is asked for, when a
// new leader adopts the request, and when the request ends.
using System.Collections.Concurrent;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

/// <summary>A namespace in the replicated state.</summary>
/// <param name="Exists">Whether something was ever locked in it.</param>
/// <param name="Count">How many namespaces there are.</param>
internal readonly record struct NamespaceLook(bool Exists, int Count);

/// <summary>Admits locks.</summary>
/// <param name="settings">The limits.</param>
/// <param name="look">Looks a namespace up.</param>
internal sealed class Admission(LiveSettings settings, Func<ReadOnlyMemory<byte>, NamespaceLook> look)
{
    // From this feature level on the log knows timeouts, revokes and downgrades.
    private const int LevelOfEndings = 2;

    /// <summary>Whether every member of the cluster knows timeouts, revokes and downgrades.</summary>
    public static bool KnowsEndings(LeaderSessions sessions) => sessions.Leadership.FeatureLevel >= LevelOfEndings;

    /// <summary>Null if the session may ask for a lock now.</summary>
    /// <param name="sessions">This leadership's.</param>
    /// <param name="use">Where.</param>
    /// <param name="mayWait">Whether the lock may join the queue.</param>
    public CloseReason? Refuse(LeaderSessions sessions, NamespaceUse use, bool mayWait = true)
    {
        if (sessions.Live >= settings.Current.MaxLiveRequests)
        {
            return CloseReason.TooManyLive;
        }

        if (mayWait && use.Waiting >= settings.Current.MaxWaitingPerNamespace)
        {
            return CloseReason.TooManyWaiting;
        }

        if (use.Exists)
        {
            return null;
        }

        var known = look(use.Name);
        use.Exists = known.Exists;
        return known.Exists || known.Count < settings.Current.MaxNamespaces ? null : CloseReason.TooManyNamespaces;
    }

    /// <summary>Takes the memory for a lock out of all budgets. Null if there is enough in each.</summary>
    public CloseReason? Reserve(LockProposal asked) =>
        asked.Reserve(settings.Current) is { } full ? CloseReason.OverBudget(full) : null;
}

/// <summary>The use of one namespace.</summary>
internal sealed class NamespaceUse(ReadOnlyMemory<byte> name)
{
    private volatile bool exists;
    private int connections;
    private int waiting;

    /// <summary>Its name, UTF-8; shared by all its sessions.</summary>
    public ReadOnlyMemory<byte> Name { get; } = name;

    /// <summary>The connections in it whose principals are not known share one share.</summary>
    public ProposalParty Party { get; } = new();

    /// <summary>Open connections.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>Requests of this leadership's sessions that wait.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Whether something was locked in it, as far as is known here.</summary>
    public bool Exists
    {
        get => exists;
        set => exists = value;
    }

    public void AddConnections(int change) => Interlocked.Add(ref connections, change);

    public void AddWaiting(int change) => Interlocked.Add(ref waiting, change);
}

/// <summary>All namespaces that were connected to during a leadership.</summary>
internal sealed class NamespaceUses
{
    private readonly ConcurrentDictionary<ReadOnlyMemory<byte>, NamespaceUse> uses = new(Utf8Comparer.Instance);

    /// <summary>Notes a connection.</summary>
    public NamespaceUse Connect(ReadOnlyMemory<byte> name)
    {
        var use = Get(name);
        use.AddConnections(1);
        return use;
    }

    /// <summary>The use of a namespace, connected to or not.</summary>
    public NamespaceUse Get(ReadOnlyMemory<byte> name) => uses.GetOrAdd(name, static bytes => new NamespaceUse(bytes));

    /// <summary>
    /// Notes the end of a connection. One in which nothing was locked is forgotten when there are too many of them.
    /// </summary>
    public void Disconnect(NamespaceUse use)
    {
        use.AddConnections(-1);
        if (use is { Connections: 0, Waiting: 0 } && uses.Count > Limits.MaxRememberedEmptyNamespaces)
        {
            uses.TryRemove(KeyValuePair.Create(use.Name, use));
        }
    }

    /// <summary>The use of a namespace that was connected to.</summary>
    public NamespaceUse? Find(ReadOnlyMemory<byte> name) => uses.GetValueOrDefault(name);
}

/// <summary>The memory of one request.</summary>
/// <param name="Session">The number of its session.</param>
/// <param name="Namespace">Where it locks, UTF-8.</param>
/// <param name="Principal">Who asked for it, UTF-8; empty where nobody was authenticated.</param>
/// <param name="Bytes">How much it is, about.</param>
internal readonly record struct Footprint(
    UInt128 Session,
    ReadOnlyMemory<byte> Namespace,
    ReadOnlyMemory<byte> Principal,
    long Bytes
)
{
    // Measured: a request without a path, in a namespace of its own; and the node, the queue entry and the place in the
    // table of each segment. (FootprintTests compares both with what the state takes.)
    private const int RequestBytes = 640;
    private const int NodeBytes = 300;

    // A byte of a segment stands in the request's body and in its node's key.
    private const int Copies = 2;

    /// <summary>The footprint of a live request.</summary>
    public static Footprint Of(LockRequest request) =>
        new(
            request.Session.Value,
            request.Namespace,
            request.Principal,
            BytesOf(request.Channel.Length + request.Label.Length + request.Ref.Length, request.Resources)
        );

    /// <summary>Whether a request that began by the lock that this was counted for is counted alike.</summary>
    public bool IsThatOf(LockRequest begun) =>
        Principal.Span.SequenceEqual(begun.Principal.Span) && Bytes == Of(begun).Bytes;

    /// <summary>What a request takes.</summary>
    /// <param name="textBytes">Bytes of its channel, label and reference.</param>
    /// <param name="resources">What it locks.</param>
    public static long BytesOf(int textBytes, ResourceSet resources) =>
        RequestBytes + textBytes + (Copies * resources.Bytes.Length) + ((long)NodeBytes * NodesOf(resources));

    // Nodes of the tree, at most: what a path has in common with the one before it is counted once. What other requests
    // share is not known here.
    private static int NodesOf(ResourceSet resources)
    {
        var nodes = 1;
        var before = default(ResourceView);
        foreach (var resource in resources)
        {
            nodes += resource.SegmentCount - SharedBy(before, resource);
            before = resource;
        }

        return nodes;
    }

    private static int SharedBy(ResourceView before, ResourceView resource)
    {
        var shared = 0;
        var other = before.GetEnumerator();
        foreach (var segment in resource)
        {
            if (!other.MoveNext() || !segment.SequenceEqual(other.Current))
            {
                break;
            }

            shared++;
        }

        return shared;
    }
}

/// <summary>What a budget is for.</summary>
internal enum Budget : byte
{
    Request,
    Session,
    Namespace,
    Principal,
    Cluster,
}

/// <summary>Adds up footprints. Thread-safe.</summary>
internal sealed partial class Footprints
{
    private readonly OrderedLock gate = new(LockRank.Leaf);

    // Changed under the lock only. A sum of zero is removed.
    private readonly ConcurrentDictionary<UInt128, long> sessions = new();
    private readonly ConcurrentDictionary<ReadOnlyMemory<byte>, long> namespaces = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<ReadOnlyMemory<byte>, long> principals = new(Utf8Comparer.Instance);
    private long total;
    private long pending;

    /// <summary>
    /// Counts a lock that is about to be proposed. Null if there is room, else the budget that forbids it.
    /// </summary>
    public Budget? TryReserve(in Footprint asked, NodeSettings settings)
    {
        using (gate.Enter())
        {
            if (FullFor(asked, settings) is { } full)
            {
                return full;
            }

            Add(asked, asked.Bytes);
            pending += asked.Bytes;
            return null;
        }
    }

    /// <summary>A lock is on its way no more.</summary>
    /// <param name="reserved">What was counted for it; null if nothing was.</param>
    /// <param name="begun">The request that it became; null if it became none.</param>
    public void Complete(in Footprint? reserved, LockRequest? begun)
    {
        using (gate.Enter())
        {
            if (reserved is { } counted)
            {
                // Who asked may be another one by now: authentication may have been turned on meanwhile.
                pending -= counted.Bytes;
                if (begun is not null && counted.IsThatOf(begun))
                {
                    return;
                }

                Add(counted, -counted.Bytes);
            }

            if (begun is not null)
            {
                AddLive(begun, 1);
            }
        }
    }

    /// <summary>A request was found in the log's state.</summary>
    public void Adopt(LockRequest request)
    {
        using (gate.Enter())
        {
            AddLive(request, 1);
        }
    }

    /// <summary>A request is live no more.</summary>
    public void Remove(LockRequest request)
    {
        using (gate.Enter())
        {
            AddLive(request, -1);
        }
    }

    /// <summary>What a budget allows, bytes.</summary>
    public static long LimitOf(Budget budget, NodeSettings settings) =>
        budget switch
        {
            Budget.Request => (long)settings.MaxRequestKb << 10,
            Budget.Session => (long)settings.MaxSessionMb << 20,
            Budget.Namespace => (long)settings.MaxNamespaceMb << 20,
            Budget.Principal => (long)settings.MaxPrincipalMb << 20,
            Budget.Cluster => (long)settings.MaxLiveMb << 20,
        };

    /// <summary>The sums for a session, a namespace and a principal.</summary>
    public (long Session, long Namespace, long Principal) SumsOf(in Footprint one) =>
        (
            sessions.GetValueOrDefault(one.Session),
            namespaces.GetValueOrDefault(one.Namespace),
            principals.GetValueOrDefault(one.Principal)
        );

    private static void Add<TKey>(ConcurrentDictionary<TKey, long> sums, TKey key, long change)
        where TKey : notnull
    {
        var sum = sums.GetValueOrDefault(key) + change;
        if (sum == 0)
        {
            sums.TryRemove(key, out _);
        }
        else
        {
            sums[key] = sum;
        }
    }

    // The narrowest first: that is what the client can do something about.
    private Budget? FullFor(in Footprint asked, NodeSettings settings)
    {
        var (session, space, principal) = SumsOf(asked);
        var bytes = asked.Bytes;
        return IsFull(Budget.Request, 0) ? Budget.Request
            : IsFull(Budget.Session, session) ? Budget.Session
            : IsFull(Budget.Namespace, space) ? Budget.Namespace
            : IsFull(Budget.Principal, principal) ? Budget.Principal
            : IsFull(Budget.Cluster, total) ? Budget.Cluster
            : null;

        bool IsFull(Budget budget, long sum) => sum + bytes > LimitOf(budget, settings);
    }

    private void AddLive(LockRequest request, int sign)
    {
        var footprint = Footprint.Of(request);
        Add(footprint, sign * footprint.Bytes);
    }

    private void Add(in Footprint of, long change)
    {
        total += change;
        Add(sessions, of.Session, change);
        Add(namespaces, of.Namespace, change);
        if (!of.Principal.IsEmpty)
        {
            Add(principals, of.Principal, change);
        }
    }
}
