// The kinds of faults.
namespace RaftLocks.Chaos.Faults;

/// <summary>A kind of fault.</summary>
internal enum FaultKind
{
    /// <summary>kill -9; started again later.</summary>
    Kill,

    /// <summary>SIGTERM; started again when it has ended.</summary>
    Restart,

    /// <summary>SIGSTOP; SIGCONT later.</summary>
    Freeze,

    /// <summary>Some nodes and the rest don't hear each other any more; connections stay open and silent.</summary>
    Partition,

    /// <summary>The same, but connections are reset and refused.</summary>
    Break,

    /// <summary>Nodes are heard, and hear nothing.</summary>
    Deaf,

    /// <summary>Nodes hear, and are not heard.</summary>
    Silent,

    /// <summary>Nodes accept connections from others and never answer; what they ask themselves is answered.</summary>
    Mute,

    /// <summary>Two nodes don't hear each other, while all others hear both.</summary>
    Bridge,

    /// <summary>All that nodes send and are sent comes late.</summary>
    Delay,

    /// <summary>Packets are lost and sent again.</summary>
    Loss,

    /// <summary>No room is left on the disk.</summary>
    DiskFull,

    /// <summary>The disk can't be written to any more.</summary>
    DiskReadOnly,

    /// <summary>Writes or flushes fail with an I/O error.</summary>
    DiskError,

    /// <summary>Flushes take long.</summary>
    DiskSlow,

    /// <summary>The power goes: what was not flushed is gone.</summary>
    PowerCut,

    /// <summary>The clock on the wall jumps, and jumps back.</summary>
    Clock,

    /// <summary>All data of a node is lost; it must be refused, and is replaced.</summary>
    Wipe,

    /// <summary>A file of a node is damaged; it must be refused where it matters, and is replaced.</summary>
    Damage,

    /// <summary>SIGSTOP to a process of clients; SIGCONT later.</summary>
    FreezeClients,

    /// <summary>Flushes of the disk do not return.</summary>
    DiskHang,

    /// <summary>
    /// Nodes swallow what others want of them: new connections are not even accepted, and old ones are silent. What
    /// they ask themselves is answered.
    /// </summary>
    Swallow,

    /// <summary>Members are removed, and added anew later.</summary>
    MemberRemove,

    /// <summary>Members are removed and added anew at once, one after the other.</summary>
    MemberReplace,

    /// <summary>Nodes are stopped, and go on with another build.</summary>
    SwitchBuild,
}

/// <summary>Groups of kinds, by what it takes to play them.</summary>
internal static class FaultKinds
{
    /// <summary>Faults of processes: signals.</summary>
    public static readonly IReadOnlyList<FaultKind> OfProcesses = [FaultKind.Kill, FaultKind.Restart, FaultKind.Freeze];

    /// <summary>Faults of the links between nodes.</summary>
    public static readonly IReadOnlyList<FaultKind> OfNetworks =
    [
        FaultKind.Partition,
        FaultKind.Break,
        FaultKind.Deaf,
        FaultKind.Silent,
        FaultKind.Mute,
        FaultKind.Bridge,
        FaultKind.Delay,
        FaultKind.Loss,
        FaultKind.Swallow,
    ];

    /// <summary>Faults of disks.</summary>
    public static readonly IReadOnlyList<FaultKind> OfDisks =
    [
        FaultKind.DiskFull,
        FaultKind.DiskReadOnly,
        FaultKind.DiskError,
        FaultKind.DiskSlow,
        FaultKind.DiskHang,
    ];

    /// <summary>Faults of the power supply.</summary>
    public static readonly IReadOnlyList<FaultKind> OfPower = [FaultKind.PowerCut];

    /// <summary>Faults of clocks.</summary>
    public static readonly IReadOnlyList<FaultKind> OfClocks = [FaultKind.Clock];

    /// <summary>Faults of data folders.</summary>
    public static readonly IReadOnlyList<FaultKind> OfData = [FaultKind.Wipe, FaultKind.Damage];

    /// <summary>Faults of clients.</summary>
    public static readonly IReadOnlyList<FaultKind> OfClients = [FaultKind.FreezeClients];

    /// <summary>Changes of the members.</summary>
    public static readonly IReadOnlyList<FaultKind> OfMembers = [FaultKind.MemberRemove, FaultKind.MemberReplace];

    /// <summary>Changes of the build.</summary>
    public static readonly IReadOnlyList<FaultKind> OfBuilds = [FaultKind.SwitchBuild];

    /// <summary>All, in the order in which schedules count them.</summary>
    public static readonly IReadOnlyList<FaultKind> All = Enum.GetValues<FaultKind>();

    /// <summary>Reads a list of kinds, with commas between; "none" is an empty one.</summary>
    public static bool TryRead(string text, out IReadOnlyList<FaultKind> kinds, out string error)
    {
        var words = text.Equals("none", StringComparison.OrdinalIgnoreCase)
            ? []
            : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var wrong = words
            .Where(word => !All.Any(kind => word.Equals(kind.ToString(), StringComparison.OrdinalIgnoreCase)))
            .ToArray();
        error =
            wrong.Length == 0
                ? ""
                : $"'{string.Join("', '", wrong)}': no kind of fault. There are: "
                    + $"{string.Join(", ", All).ToLowerInvariant()}.";
        kinds =
            wrong.Length > 0
                ? []
                : [.. words.Select(word => Enum.Parse<FaultKind>(word, ignoreCase: true)).Distinct().Order()];
        return wrong.Length == 0;
    }

    /// <summary>Kinds that must have the cluster to themselves: nothing else is done at the same time.</summary>
    public static bool WantsToBeAlone(this FaultKind kind) => OfData.Contains(kind) || OfMembers.Contains(kind);

    /// <summary>Kinds that end or stop nodes: two of them must not be at work on the same one.</summary>
    public static bool StopsNodes(this FaultKind kind) =>
        OfProcesses.Contains(kind)
        || OfData.Contains(kind)
        || OfMembers.Contains(kind)
        || OfBuilds.Contains(kind)
        || OfPower.Contains(kind)
        || (OfDisks.Contains(kind) && kind != FaultKind.DiskSlow);

    /// <summary>Kinds after which a majority can't count on the nodes.</summary>
    public static bool ImpairsNodes(this FaultKind kind) => kind.StopsNodes() || kind == FaultKind.DiskSlow;

    /// <summary>
    /// Kinds after which not all gets through between nodes in the time that it takes otherwise. A delay is well within
    /// what elections allow for.
    /// </summary>
    public static bool ImpairsLinks(this FaultKind kind) => OfNetworks.Contains(kind) && kind != FaultKind.Delay;
}
