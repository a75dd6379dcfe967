using RaftLocks.Cluster;

namespace RaftLocks.Load.Failover;

/// <summary>The ways in which a leader is lost.</summary>
internal enum LeaderFailure
{
    /// <summary>kill -9.</summary>
    Kill,

    /// <summary>Asked to end (SIGTERM).</summary>
    Terminate,

    /// <summary>Frozen (SIGSTOP).</summary>
    Freeze,

    /// <summary>Killed, and whoever listens at its address accepts connections and never answers.</summary>
    Mute,

    /// <summary>Killed, and its address swallows connections: each SYN is dropped.</summary>
    Swallow,

    /// <summary>Frozen, and its address swallows connections, as if its cable were pulled.</summary>
    Cable,

    /// <summary>Killed, while another member is frozen. For five nodes.</summary>
    KillBesideFrozen,

    /// <summary>Its writes to the log do not come back.</summary>
    LogHangs,

    /// <summary>It is asked to end, and its writes of term and vote do not come back.</summary>
    VoteHangs,

    /// <summary>A member is added or removed, and the write of its list of members does not come back.</summary>
    MembersHang,

    /// <summary>A snapshot is taken, and its write does not come back.</summary>
    SnapshotHangs,
}

/// <summary>What there is to know of a <see cref="LeaderFailure"/>.</summary>
internal static class LeaderFailures
{
    /// <summary>The part of the data folder whose writes hang; null where the disk is well.</summary>
    public static string? HangingPart(this LeaderFailure failure) =>
        failure switch
        {
            LeaderFailure.LogHangs => "/log",
            LeaderFailure.VoteHangs => "/vote",
            LeaderFailure.MembersHang => "/members",
            LeaderFailure.SnapshotHangs => "/snapshots",
            _ => null,
        };

    /// <summary>Whether a majority of so many members is left.</summary>
    public static bool LeavesMajorityOf(this LeaderFailure failure, int size) =>
        failure != LeaderFailure.KillBesideFrozen || size >= 5;

    /// <summary>Whether members come and go with it, so that each round needs a cluster of its own.</summary>
    public static bool ChangesMembers(this LeaderFailure failure) => failure == LeaderFailure.MembersHang;

    /// <summary>The title in a table.</summary>
    public static string Title(this LeaderFailure failure) =>
        failure switch
        {
            LeaderFailure.Kill => "kill -9",
            LeaderFailure.Terminate => "SIGTERM",
            LeaderFailure.Freeze => "frozen (SIGSTOP)",
            LeaderFailure.Mute => "accepts and never answers",
            LeaderFailure.Swallow => "swallows connections",
            LeaderFailure.Cable => "silent, and swallows connections",
            LeaderFailure.KillBesideFrozen => "kill -9, another member frozen",
            LeaderFailure.LogHangs => "disk hangs: log",
            LeaderFailure.VoteHangs => "disk hangs: vote (SIGTERM)",
            LeaderFailure.MembersHang => "disk hangs: members (a change)",
            LeaderFailure.SnapshotHangs => "disk hangs: snapshot",
            _ => throw new ArgumentOutOfRangeException(nameof(failure)),
        };
}
