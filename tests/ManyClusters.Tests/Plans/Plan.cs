// A schedule: what befalls one cluster, and when. It follows from its seed, and can be written down and played again.
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftLocks.ManyClusters.Plans;

/// <summary>The plan of a run: the things that happen in it.</summary>
internal enum StepKind
{
    /// <summary>A machine loses its power.</summary>
    PowerCut,

    /// <summary>All machines lose their power at once.</summary>
    PowerCutOfAll,

    /// <summary>A process is killed.</summary>
    Kill,

    /// <summary>A process stops in good order.</summary>
    Stop,

    /// <summary>A machine neither hears nor is heard.</summary>
    Isolate,

    /// <summary>A machine hears the others, and nothing of it arrives: it accepts, and never answers.</summary>
    Mute,

    /// <summary>A machine is heard, and hears nothing.</summary>
    Deafen,

    /// <summary>Two machines do not reach each other; all others do.</summary>
    CutPair,

    /// <summary>The machines named and the others do not reach each other.</summary>
    Split,

    /// <summary>What a machine sends takes long.</summary>
    Delay,

    /// <summary>Whoever connects to a machine hears nothing.</summary>
    SwallowConnects,

    /// <summary>All connections of a machine break.</summary>
    DropConnections,

    /// <summary>A machine's disk hangs.</summary>
    HangDisk,

    /// <summary>A machine's disk is slow.</summary>
    SlowDisk,

    /// <summary>A machine's disk fails.</summary>
    FailDisk,

    /// <summary>A machine's disk is full.</summary>
    FullDisk,

    /// <summary>The leader hands over.</summary>
    Resign,

    /// <summary>A member is added.</summary>
    AddMember,

    /// <summary>A member is removed.</summary>
    RemoveMember,

    /// <summary>A process is killed, and comes back cut off from all but the other follower.</summary>
    SplitBehind,

    /// <summary>Waits until the changes of members that were begun are done, or were given up.</summary>
    AwaitChanges,
}

/// <summary>One thing that happens.</summary>
/// <param name="Kind">What.</param>
/// <param name="AtMs">When, from the schedule's beginning; not before the step before it has begun.</param>
/// <param name="Machine">Whom it befalls; <see cref="Leader"/> for whoever leads then, <see cref="Follower"/> for one
/// that doesn't when it is first named and <see cref="OtherFollower"/> for another one, both of which stay the same
/// from then on.</param>
/// <param name="ForMs">How long it lasts.</param>
/// <param name="Others">Further machines, as bits.</param>
/// <param name="Part">The part of a data folder whose disk it is.</param>
internal sealed record Step(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] StepKind Kind,
    int AtMs,
    int Machine = 0,
    int ForMs = 0,
    int Others = 0,
    string Part = ""
)
{
    public const int Leader = -1;
    public const int Follower = -2;
    public const int OtherFollower = -3;

    private string MachineName =>
        Machine switch
        {
            Leader => "leader",
            Follower => "follower",
            OtherFollower => "other follower",
            _ => $"n{Machine + 1}",
        };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{AtMs} ms {Kind} {MachineName}"
        + (Others != 0 ? $" others {Convert.ToString(Others, 2)}" : "")
        + (Part.Length > 0 ? $" {Part}" : "")
        + (ForMs > 0 ? $" for {ForMs} ms" : "");
}

/// <summary>A schedule.</summary>
/// <param name="Seed">What is left to chance follows from it.</param>
/// <param name="Family">What kind of schedule it is.</param>
/// <param name="InitialMembers">How many members the cluster begins with.</param>
/// <param name="Steps">What happens.</param>
/// <param name="LengthMs">How long it lasts before everything is healed.</param>
internal sealed record Plan(int Seed, string Family, int InitialMembers, Step[] Steps, int LengthMs)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    /// <summary>As a test can keep it.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, Format);

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    public static Plan Parse(string text) => JsonSerializer.Deserialize<Plan>(text, Format)!;
}
