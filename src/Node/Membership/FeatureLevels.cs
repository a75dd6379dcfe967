// Raises the replicated feature level once every member says that it supports more. Until then commands above the level
// are not proposed, so that members are upgraded one after the other while the cluster serves. There is no way back: an
// older build halts at what it can't know.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Membership;

/// <summary>Runs on every node; acts on the leader.</summary>
/// <param name="node">The node.</param>
/// <param name="ask">What another member says of itself; null while it does not answer.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class FeatureLevels(
    RaftNode node,
    Func<Member, CancellationToken, Task<NodeResponse?>> ask,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>The highest level that this build supports.</summary>
    public const int Supported = Versions.SupportedFeatureLevel;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    private int waitsForMembersOf = -1;

    /// <summary>Looks until the process ends.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            // A leader asks as long as it leads: a member may come back with an older build, and must not be sent what
            // that can't read.
            var leadership = node.Current;
            if (leadership is null)
            {
                node.Builds.ForgetAll();
            }

            var hasNothingToAsk = leadership is null || await TryRaiseAsync(leadership, token);
            await Task.Delay(hasNothingToAsk ? LookAgain : AskAgain, time, token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Raises the level as far as all members agree; false if they don't.</summary>
    public async Task<bool> TryRaiseAsync(Leadership leadership, CancellationToken token)
    {
        var (index, members) = (node.MembersIndex, node.Members);
        int[] answers;
        try
        {
            answers = await Task.WhenAll(members.Select(member => LevelOfAsync(member, token)));
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return false;
        }

        node.Builds.KeepOnly(members);
        var common = Math.Min(Supported, answers.Min());
        if (leadership.FeatureLevel >= Supported)
        {
            return false;
        }

        if (common <= leadership.FeatureLevel)
        {
            LogWhoIsMissing(leadership, members, answers);
            return false;
        }

        // Whoever came meanwhile has not been asked.
        if (index != node.MembersIndex || node.AddingMember is not null)
        {
            return false;
        }

        var raise = new RaiseProposal(common);
        return await leadership.ProposeAsync(raise) && await raise.Applied;
    }

    private async Task<int> LevelOfAsync(Member member, CancellationToken token)
    {
        if (member.Name == node.Status.Name)
        {
            return Supported;
        }

        var view = await ask(member, token);
        if (view is null || view.Name != member.Name)
        {
            node.Builds.Forget(member);
            return 0;
        }

        node.Builds.Note(member, view.FeatureLevelRead, view.SnapshotVersionRead);
        return view.FeatureLevelRead;
    }

    private void LogWhoIsMissing(Leadership leadership, IReadOnlyList<Member> members, int[] answers)
    {
        if (waitsForMembersOf != leadership.FeatureLevel)
        {
            waitsForMembersOf = leadership.FeatureLevel;
            var missing = members.Where((_, i) => answers[i] <= leadership.FeatureLevel).Select(member => member.Name);
            WaitsForMembers(logger, leadership.FeatureLevel, Supported, string.Join(", ", missing));
        }
    }

    [LoggerMessage(
        402,
        LogLevel.Information,
        "The cluster stays at feature level {Level} (this build supports {Supported}) until all members answer "
            + "and support more; missing: {Missing}"
    )]
    private static partial void WaitsForMembers(ILogger logger, int level, int supported, string missing);

    private sealed class RaiseProposal(int level) : PendingCommand
    {
        private readonly TaskCompletionSource<bool> applied = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether the level is that high now; false if leadership ended first.</summary>
        public Task<bool> Applied => applied.Task;

        public override void WriteTo(EntryWriter writer) => writer.Add(new RaiseFeatureLevelCommand(level));

        /// <summary>A rejection means that it is that high already.</summary>
        public override void OnApplied(in LockEvent reply) => applied.TrySetResult(true);

        public override void OnOutcomeUnknown() => applied.TrySetResult(false);

        public override void OnDropped() => applied.TrySetResult(false);
    }
}
