// What is refused before it is proposed, because the cluster would grow beyond its limits. Commands that are on their
// way are not counted, so a limit may be passed by as many as are in flight.
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions;

/// <summary>A namespace in the replicated state.</summary>
/// <param name="Exists">Whether something was ever locked in it.</param>
/// <param name="Count">How many namespaces there are.</param>
internal readonly record struct NamespaceLook(bool Exists, int Count);

/// <summary>Admits locks.</summary>
/// <param name="settings">The limits.</param>
/// <param name="look">Looks a namespace up.</param>
internal sealed class Admission(NodeSettings settings, Func<ReadOnlyMemory<byte>, NamespaceLook> look)
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
        if (sessions.Live >= settings.MaxLiveRequests)
        {
            return CloseReason.TooManyLive;
        }

        if (mayWait && use.Waiting >= settings.MaxWaitingPerNamespace)
        {
            return CloseReason.TooManyWaiting;
        }

        if (use.Exists)
        {
            return null;
        }

        var known = look(use.Name);
        use.Exists = known.Exists;
        return known.Exists || known.Count < settings.MaxNamespaces ? null : CloseReason.TooManyNamespaces;
    }
}
