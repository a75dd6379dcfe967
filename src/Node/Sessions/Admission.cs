// What is refused before it is proposed, because the cluster would grow beyond its limits; and what is counted for it:
// each namespace as this leadership has seen it. Commands that are on their way are not counted, so a limit may be
// passed by as many as are in flight.
using System.Collections.Concurrent;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

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
