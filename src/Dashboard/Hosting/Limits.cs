// Every limit of the dashboard: it must never be what a node is busy with.
namespace RaftLocks.Dashboard;

internal static class Limits
{
    /// <summary>Pages that are open at once; whoever opens one more is told so.</summary>
    public const int MaxViewers = 32;

    /// <summary>Pages that have lost their connection and are kept in case they come back.</summary>
    public const int MaxLostViewers = 8;

    /// <summary>How long they are kept.</summary>
    public static readonly TimeSpan KeepLostViewers = TimeSpan.FromMinutes(1);

    /// <summary>How often what a page shows is asked for.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(700);

    /// <summary>How often the cluster is looked at, once for all pages together.</summary>
    public static readonly TimeSpan ClusterEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long a node may take to answer.</summary>
    public static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection to a node may take to come about.</summary>
    public static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of one answer.</summary>
    public const int MaxAnswerBytes = 8 << 20;

    /// <summary>Points of a chart: two minutes.</summary>
    public const int ChartPoints = 120;

    /// <summary>Requests that a page shows at once.</summary>
    public const int RequestsShown = 300;

    /// <summary>Namespaces that a page shows at once.</summary>
    public const int NamespacesShown = 50;

    /// <summary>Events of one lock's story.</summary>
    public const int RequestHistoryEvents = 100;

    /// <summary>Simulated clients in one playground.</summary>
    public const int PlaygroundClients = 6;

    /// <summary>Messages that one of them shows.</summary>
    public const int PlaygroundLines = 60;

    /// <summary>Bytes of a message from the browser.</summary>
    public const int HubMessageBytes = 32 * 1024;
}
