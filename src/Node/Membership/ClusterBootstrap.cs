// How a node finds out to which cluster it belongs, before it makes its first promise. An empty folder says nothing: it
// may be a first start, or all that is left of a member that has voted and acknowledged. So the other members are
// asked.
//
//   bootstrap  All initial members must be there once, and new too; each notes the incarnations of all. If one of them
//              belongs to a cluster already, that cluster was either bootstrapped with this very folder (this node was
//              merely the last to notice), or with another one, now lost: then this node is a replaced member and ends.
//   joining    (--join) No member may have this name or Raft address: a replaced member must be removed first.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Membership;

internal sealed partial class ClusterBootstrap(
    RaftNode node,
    NodeSettings settings,
    MemberClient client,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SayAgain = TimeSpan.FromSeconds(5);

    // Of members that come and go, nobody has known more.
    private const int MostAsked = 4 * Limits.MaxMembers;

    private long saidAt = time.GetTimestamp();

    /// <summary>Returns when it is known.</summary>
    /// <exception cref="IdentityMismatchException">The cluster knows a member of this name or address with other
    /// data.</exception>
    public Task FindOutAsync(CancellationToken token) =>
        node.IsBootstrapped ? Task.CompletedTask
        : settings.Join ? JoinAsync(token)
        : BootstrapAsync(token);

    /// <summary>
    /// A node that misses a leader for long asks who the members are now, and whether it is still one; one that waits
    /// to be added, whether it was. It asks at once where somebody speaks Raft with it whom it does not know: the
    /// leader that it misses may be a member that came meanwhile. </summary>
    public async Task WatchAsync(CancellationToken token)
    {
        var missedSince = time.GetTimestamp();
        while (!token.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!node.IsMember)
            {
                await AskWhetherAddedAsync(token);
            }
            else if (node.Leader is not null)
            {
                missedSince = time.GetTimestamp();
            }
            else if (node.HasMetUnknown() || time.GetElapsedTime(missedSince).TotalMilliseconds > Limits.LeaderMissedMs)
            {
                await AskWhoBelongsAsync(token);
                missedSince = time.GetTimestamp();
            }
        }
    }

    /// <summary>Asks all members, those too that only the others know.</summary>
    private async Task AskWhoBelongsAsync(CancellationToken token)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        var toAsk = new Queue<Member>(Others(node.Members));
        try
        {
            while (toAsk.TryDequeue(out var member) && asked.Count < MostAsked)
            {
                if (
                    asked.Add(member.InternalUrl.AbsoluteUri)
                    && await client.NodeAsync(member.InternalUrl, token) is { Phase: NodePhase.Member } view
                )
                {
                    node.Observe(view.Members.ToMembers(), view.MembersIndex);
                    foreach (var other in Others(view.NewestMembers.ToMembers()))
                    {
                        toAsk.Enqueue(other);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested) { }
    }

    /// <summary>
    /// Whoever was a lone member has this node in its log as the second, and needs its vote to send it the log.
    /// </summary>
    private async Task AskWhetherAddedAsync(CancellationToken token)
    {
        try
        {
            foreach (var member in Others(settings.Members))
            {
                if (await client.NodeAsync(member.InternalUrl, token) is { Phase: NodePhase.Member } view)
                {
                    node.ObserveAddition(view.NewestMembers.ToMembers());
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested) { }
    }

    private async Task BootstrapAsync(CancellationToken token)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            foreach (var member in Others(settings.Members).Where(member => !seen.ContainsKey(member.Name)))
            {
                var view = await client.NodeAsync(member.InternalUrl, token);
                if (view is { Phase: NodePhase.Member or NodePhase.Joining })
                {
                    node.Bootstrap(BootstrappedWithThisNode(member, view));
                    return;
                }

                if (view is not null && view.Name == member.Name)
                {
                    seen[member.Name] = view.Incarnation;
                }
                else
                {
                    LogOnceInAWhile(
                        view is null
                            ? "The first start of a cluster needs all its members once: waiting for "
                                + $"{member.Name} at {member.InternalUrl}."
                            : $"{member.InternalUrl} is said to be {member.Name}, but calls itself {view.Name}: "
                                + "mend the --member lists."
                    );
                }
            }

            if (seen.Count == settings.Members.Count - 1)
            {
                node.Bootstrap([
                    .. settings.Members.Select(member =>
                        member.Name == settings.Name ? member : member with { Incarnation = seen[member.Name] }
                    ),
                ]);
                return;
            }

            await Task.Delay(AskAgain, time, token);
        }
    }

    private IReadOnlyList<Member> BootstrappedWithThisNode(Member other, NodeResponse view) =>
        view.MembersIndex == 0
        && view.Members.Any(member => member.Name == settings.Name && member.Incarnation == node.Incarnation)
            ? view.Members.ToMembers()
            : throw new IdentityMismatchException(
                $"{other.Name} belongs to a cluster already, and this node's data folder, "
                    + $"{settings.DataDirectory}, is empty. If '{settings.Name}' was a member before, it has lost"
                    + " what it promised and must not vote: remove it on one of the others (raftlocks member remove),"
                    + " and start it here with --join."
                    + " If it never was one, start it with --join."
            );

    private async Task JoinAsync(CancellationToken token)
    {
        while (true)
        {
            foreach (var member in Others(settings.Members))
            {
                if (await client.NodeAsync(member.InternalUrl, token) is not { Phase: NodePhase.Member } view)
                {
                    LogOnceInAWhile(
                        $"Looking for the cluster to join: {member.Name} at {member.InternalUrl} does not answer, "
                            + "or is no member."
                    );
                    continue;
                }

                var self = settings.Self;
                if (view.NewestMembers.ToMembers().FirstOrDefault(member => IsAlike(member, self)) is { } former)
                {
                    throw new IdentityMismatchException(
                        $"The cluster has a member '{former.Name}' at {former.RaftAddress}, with other data than "
                            + "this node's. Remove it first:"
                            + $" raftlocks member remove {former.Name}"
                            + $" --node {member.ClientUrl.GetLeftPart(UriPartial.Authority)}"
                    );
                }

                node.WaitToJoin();
                WaitsToJoin(logger, settings.Name, Describe(self), member.ClientUrl);
                return;
            }

            await Task.Delay(AskAgain, time, token);
        }
    }

    private static bool IsAlike(Member one, Member other) =>
        one.Name == other.Name || (one.RaftHost == other.RaftHost && one.RaftPort == other.RaftPort);

    /// <summary>A member in the words of --member.</summary>
    private static string Describe(Member member) =>
        $"{member.Name},{member.RaftAddress},{member.ClientUrl}"
        + (member.InternalUrl == member.ClientUrl ? "" : $",{member.InternalUrl}");

    private IEnumerable<Member> Others(IEnumerable<Member> members) =>
        members.Where(member => member.Name != settings.Name);

    private void LogOnceInAWhile(string what)
    {
        if (time.GetElapsedTime(saidAt) > SayAgain)
        {
            saidAt = time.GetTimestamp();
            WaitsForMembers(logger, what);
        }
    }

    [LoggerMessage(400, LogLevel.Information, "{What}")]
    private static partial void WaitsForMembers(ILogger logger, string what);

    [LoggerMessage(401, LogLevel.Information, "{Name} waits to be added: raftlocks member add {Member} --node {Peer}")]
    private static partial void WaitsToJoin(ILogger logger, string name, string member, Uri peer);
}
