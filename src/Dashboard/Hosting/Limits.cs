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

    /// <summary>Characters of a token that somebody logs in with; those of other issuers are long.</summary>
    public const int MaxSecretChars = 8192;

    /// <summary>How long a login lasts: a working day.</summary>
    public static readonly TimeSpan LoginLife = TimeSpan.FromHours(12);

    /// <summary>How often a page asks whether its viewer's token still counts.</summary>
    public static readonly TimeSpan LoginLookEvery = TimeSpan.FromMilliseconds(700);

    /// <summary>Logins that a node keeps; beyond it the oldest ends.</summary>
    public const int MaxLogins = 1024;

    /// <summary>Logins of one principal, so that nobody can end those of others; beyond it its oldest ends.</summary>
    public const int MaxLoginsOfOne = 32;

    /// <summary>Attempts to log in that one address may make at once.</summary>
    public const int LoginBurst = 20;

    /// <summary>How long it waits for the next one after these.</summary>
    public static readonly TimeSpan LoginEvery = TimeSpan.FromSeconds(3);

    /// <summary>Counters of attempts; each address is counted by one of them.</summary>
    public const int LoginCounters = 1024;

    /// <summary>Bytes of a message from the browser.</summary>
    public const int HubMessageBytes = 32 * 1024;
}
