// The table of settings: each is known by one key, written as an option, an environment variable or a key of
// appsettings.json.
namespace RaftLocks.Node.Foundation;

/// <summary>One setting.</summary>
/// <param name="Key">Its key in the section RaftLocks of appsettings.json; the environment variable is RAFTLOCKS_ and
/// the key in capitals.</param>
/// <param name="Option">Its name on the command line.</param>
/// <param name="ValueName">What stands for its value in the help; null for a switch.</param>
/// <param name="Description">One sentence for the help.</param>
/// <param name="Repeats">Whether it may be given several times.</param>
internal sealed record Setting(string Key, string Option, string? ValueName, string Description, bool Repeats = false)
{
    /// <summary>Whether a running node takes over a new value from the file (<see cref="LiveSettings"/>).</summary>
    public bool IsLive { get; init; }

    public static readonly Setting Name = new("Name", "--name", "NAME", "This node's name; one of the members. [n1]");

    public static readonly Setting Listen = new(
        "Listen",
        "--listen",
        "URL",
        "Where clients are listened to; repeat for several addresses. [http://127.0.0.1:9009]",
        Repeats: true
    );

    public static readonly Setting Data = new(
        "Data",
        "--data",
        "DIR",
        "The node's own data folder. [./raftlocks-data]"
    );

    public static readonly Setting Members = new(
        "Members",
        "--member",
        "MEMBER",
        "A member of the cluster as NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL]; repeat for each, this node "
            + "included. [a cluster of one]",
        Repeats: true
    );

    public static readonly Setting RaftListen = new(
        "RaftListen",
        "--raft-listen",
        "IP:PORT",
        "Where Raft is listened to, if not at this member's Raft address: behind NAT or a forwarder. [that address]"
    );

    public static readonly Setting Join = new(
        "Join",
        "--join",
        ValueName: null,
        "Wait to be added to the cluster of the other members; with an empty data folder."
    );

    public static readonly Setting AdminToken = new(
        "AdminToken",
        "--admin-token",
        "TOKEN",
        "Who knows it may administer from anywhere; without one only the node's own machine may. At least 16 "
            + "characters."
    );

    public static readonly Setting Auth = new(
        "Auth",
        "--auth",
        "auto|required",
        "Whether rights are asked for as soon as 'raftlocks auth init' has been run, or from the start. [auto]"
    );

    public static readonly Setting AllowQueryToken = new(
        "AllowQueryToken",
        "--allow-query-token",
        ValueName: null,
        "Accept a token in the query (access_token) too; it may then stand in the logs of proxies."
    );

    public static readonly Setting RevokeWithoutRight = new(
        "RevokeWithoutRight",
        "--revoke-without-right",
        ValueName: null,
        "Revoke a lock as soon as its holder has no right to it any more; else it is kept until it is released."
    );

    public static readonly Setting FollowerMode = new(
        "FollowerMode",
        "--follower-mode",
        "redirect|proxy",
        "What a node that does not lead does with clients. [redirect]"
    );

    public static readonly Setting DefaultAbandonTimeoutMs = new(
        "DefaultAbandonTimeoutMs",
        "--default-abandon-timeout-ms",
        "MS",
        "How long an acquired lock outlives its connection unless the client says otherwise. [60000]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting PingIntervalMs = new(
        "PingIntervalMs",
        "--ping-interval-ms",
        "MS",
        "How often a silent client is pinged. [10000]"
    );

    public static readonly Setting PingTimeoutMs = new(
        "PingTimeoutMs",
        "--ping-timeout-ms",
        "MS",
        "How long a client may be out of TCP's reach, or leave pings unanswered where it must answer them, before "
            + "its connection has ended. [20000]"
    );

    public static readonly Setting RequirePong = new(
        "RequirePong",
        "--require-pong",
        ValueName: null,
        "Plain connections must answer pings too; a client that works without reading then loses its lock."
    );

    public static readonly Setting AllowEmptyPath = new(
        "AllowEmptyPath",
        "--allow-empty-path",
        ValueName: null,
        "Allow the empty path, which locks the whole namespace."
    );

    public static readonly Setting MaxConnections = new(
        "MaxConnections",
        "--max-connections",
        "N",
        "Connections of this node; more are answered 503. [100000]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxNamespaces = new(
        "MaxNamespaces",
        "--max-namespaces",
        "N",
        "Namespaces of the cluster, empty ones included. [1000000]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxLiveRequests = new(
        "MaxLiveRequests",
        "--max-live-requests",
        "N",
        "Locks held and requests waiting, in all namespaces together. [2000000]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxWaitingPerNamespace = new(
        "MaxWaitingPerNamespace",
        "--max-waiting-per-namespace",
        "N",
        "Requests waiting in one namespace. [100000]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxChannels = new(
        "MaxChannels",
        "--max-channels",
        "N",
        "Channels of one connection that are in use at once. [1024]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxMessageBytes = new(
        "MaxMessageBytes",
        "--max-message-bytes",
        "N",
        "Bytes of one message of a client. [65536]"
    );

    public static readonly Setting Journal = new(
        "Journal",
        "--journal",
        "on|off",
        "Whether this node keeps a history of all locks in its data folder. [on]"
    );

    public static readonly Setting JournalMaxMb = new(
        "JournalMaxMb",
        "--journal-max-mb",
        "MB",
        "Size of that history; the oldest is deleted first. [1024]"
    );

    public static readonly Setting JournalMaxDays = new(
        "JournalMaxDays",
        "--journal-max-days",
        "DAYS",
        "Age of the oldest history. [30]"
    );

    public static readonly Setting JournalKeepFreeMb = new(
        "JournalKeepFreeMb",
        "--journal-keep-free-mb",
        "MB",
        "The history stops growing while the disk has less space left than this. [256]"
    );

    public static readonly Setting Otlp = new(
        "Otlp",
        "--otlp",
        "URL",
        "Where metrics and traces are sent to: an OpenTelemetry collector, by HTTP, as in http://127.0.0.1:4318. "
            + "[nowhere; /metrics is always there]"
    );

    public static readonly Setting Dashboard = new(
        "Dashboard",
        "--dashboard",
        "on|off",
        "Whether this node serves the dashboard, at /dashboard. [on]"
    );

    /// <summary>All settings, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        Name,
        Listen,
        Data,
        Members,
        RaftListen,
        Join,
        AdminToken,
        Auth,
        AllowQueryToken,
        RevokeWithoutRight,
        .. JwtSettings.All,
        .. WebSettings.All,
        .. RaftSettings.All,
        FollowerMode,
        DefaultAbandonTimeoutMs,
        PingIntervalMs,
        PingTimeoutMs,
        RequirePong,
        AllowEmptyPath,
        MaxConnections,
        MaxNamespaces,
        MaxLiveRequests,
        MaxWaitingPerNamespace,
        .. RateSettings.All,
        .. BudgetSettings.All,
        MaxChannels,
        MaxMessageBytes,
        Journal,
        JournalMaxMb,
        JournalMaxDays,
        JournalKeepFreeMb,
        Otlp,
        Dashboard,
        .. OperationsSettings.All,
    ];

    /// <summary>The setting that a key means; underscores and case don't matter: FOLLOWER_MODE, FollowerMode.</summary>
    public static Setting? Find(string key)
    {
        var plain = key.Replace("_", "", StringComparison.Ordinal);
        return All.FirstOrDefault(setting => plain.Equals(setting.Key, StringComparison.OrdinalIgnoreCase))
            ?? (plain.Equals("Member", StringComparison.OrdinalIgnoreCase) ? Members : null);
    }
}

/// <summary>The values given for a setting, and the place where they were given.</summary>
/// <param name="Values">The values; empty for a switch without one.</param>
/// <param name="Origin">For messages: <c>--listen</c>, <c>RAFTLOCKS_LISTEN</c>, or the file and key.</param>
internal sealed record SettingValue(IReadOnlyList<string> Values, string Origin);
