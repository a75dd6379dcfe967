// What the check of a rolling upgrade has found.
namespace RaftLocks.Cli.Upgrade;

/// <summary>Why a cluster is not ready for the next step.</summary>
internal enum ReasonKind
{
    /// <summary>A member does not answer.</summary>
    MemberSilent,

    /// <summary>No member leads.</summary>
    NoLeader,

    /// <summary>A member does not serve.</summary>
    MemberNotReady,

    /// <summary>A member follows another leader than the one that leads.</summary>
    OtherLeader,

    /// <summary>A member has not caught up.</summary>
    MemberBehind,

    /// <summary>A member raises an alarm.</summary>
    Alarm,

    /// <summary>The members are being changed.</summary>
    MembersChanging,

    /// <summary>A node answers that is no member.</summary>
    NoMember,

    /// <summary>A member does not say its version.</summary>
    VersionUnknown,

    /// <summary>The members run more than two versions.</summary>
    SeveralVersions,

    /// <summary>A member's build does not understand what is in force.</summary>
    MemberTooOld,

    /// <summary>The version that was asked for does not understand what is in force.</summary>
    TargetTooOld,

    /// <summary>The version that was asked for will not understand what is about to be in force.</summary>
    LevelRising,

    /// <summary>This program does not know the feature level in force.</summary>
    CommandTooOld,

    /// <summary>Without the next member the others are no majority.</summary>
    NoMajority,
}

/// <summary>A reason.</summary>
/// <param name="Kind">Its kind, for programs.</param>
/// <param name="Member">The member that it is about; null for the whole cluster.</param>
/// <param name="Text">What it is and what to do, for people.</param>
internal sealed record Reason(ReasonKind Kind, string? Member, string Text);

/// <summary>The members that are still to be restarted for one version.</summary>
/// <param name="Version">The version; null where all run the same one, and another is to come.</param>
/// <param name="Members">Their names, in the order in which to do it.</param>
internal sealed record UpgradePath(string? Version, IReadOnlyList<string> Members);

/// <summary>The outcome.</summary>
/// <param name="Reasons">Why the cluster is not ready; empty if it is.</param>
/// <param name="Paths">What can be done next.</param>
/// <param name="Notes">What an operator should know, a sentence or two each.</param>
internal sealed record UpgradeReport(
    IReadOnlyList<Reason> Reasons,
    IReadOnlyList<UpgradePath> Paths,
    IReadOnlyList<string> Notes
)
{
    /// <summary>Whether the next member may be restarted.</summary>
    public bool IsReady => Reasons.Count == 0;
}
