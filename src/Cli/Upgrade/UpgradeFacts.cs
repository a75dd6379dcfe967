// What the members of a cluster say, as far as the next step of a rolling upgrade depends on it. A build that says
// nothing of something (a version, a feature level) is taken as the API's records take it.
namespace RaftLocks.Cli.Upgrade;

/// <summary>A cluster at one moment.</summary>
/// <param name="Members">The members, by the newest list that is known.</param>
/// <param name="Others">Nodes that answer and are not in that list.</param>
/// <param name="Committed">Index of an entry that was committed before the members were asked how far they are.</param>
/// <param name="Target">The version that all members are to run; null if the operator has not said.</param>
internal sealed record UpgradeFacts(
    IReadOnlyList<SeenMember> Members,
    IReadOnlyList<string> Others,
    long Committed,
    string? Target
)
{
    /// <summary>The members that answer.</summary>
    public IEnumerable<(string Name, MemberState State)> Answering =>
        Members.Where(member => member.State is not null).Select(member => (member.Name, member.State!));

    /// <summary>The leader's name; null while no member says that it leads.</summary>
    public string? Leader =>
        Answering
            .Where(member => member.State.Role == "leader")
            .OrderByDescending(member => member.State.Term)
            .FirstOrDefault()
            .Name;

    /// <summary>The feature level in force: the highest that a member knows of.</summary>
    public int Level => Answering.Select(member => member.State.FeatureLevel).DefaultIfEmpty(0).Max();

    /// <summary>The feature level to which the leader raises it by itself; null while that has no reason.</summary>
    public int? RisingTo =>
        Members.Count > 0 && Members.All(member => member.State?.Understands > Level)
            ? Members.Min(member => member.State!.Understands)
            : null;

    /// <summary>How many members are a majority.</summary>
    public int Majority => (Members.Count / 2) + 1;
}

/// <summary>A member, as far as it can be seen.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it is asked.</param>
/// <param name="State">What it says of itself; null if it does not answer.</param>
internal sealed record SeenMember(string Name, string Address, MemberState? State);

/// <summary>What a member says of itself.</summary>
/// <param name="Role">Its role.</param>
/// <param name="Term">Its term.</param>
/// <param name="Leader">The leader that it knows; null for none.</param>
/// <param name="Applied">Index of the last entry that it has applied.</param>
/// <param name="Version">The version that it runs; null if it does not say.</param>
/// <param name="FeatureLevel">The feature level in force, as far as it has applied the log.</param>
/// <param name="Understands">The highest feature level that its build understands.</param>
/// <param name="ReadsSnapshots">The version of snapshots that its build reads.</param>
internal sealed record MemberState(
    string Role,
    long Term,
    string? Leader,
    long Applied,
    string? Version,
    int FeatureLevel,
    int Understands,
    int ReadsSnapshots
)
{
    /// <summary>Why it does not serve; null if it does.</summary>
    public string? NotReady { get; init; }

    /// <summary>Its alarms, a sentence each.</summary>
    public IReadOnlyList<string> Alarms { get; init; } = [];

    /// <summary>The members by the newest list in its log, each by name and Raft address, in order.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>Whether the newest list in its log is not applied yet.</summary>
    public bool HasUnappliedMembers { get; init; }

    /// <summary>Whom it is adding as a member; null if nobody, or if its build does not say.</summary>
    public string? Adding { get; init; }
}
