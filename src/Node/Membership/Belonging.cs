// How a node finds out to which cluster it belongs, before it makes its first promise. An empty folder says nothing: it may be a first
// start, or all that is left of a member that has voted and acknowledged. So the other members are asked.
//
//   founding  All of them must be there once, and new too; each notes the incarnations of all. If one of them belongs to a cluster already,
//             that cluster was either founded with this very folder (this node was merely the last to notice), or with another
//             one, now lost: then this node is a stranger and ends.
//   joining   (--join) Nobody may know a member of this name or Raft address: its former self must be removed first.
using RaftLocks.Node.Raft;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Membership;

internal sealed partial class Belonging(RaftNode node, NodeSettings settings, Peers peers, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SayAgain = TimeSpan.FromSeconds(5);

    private long saidAt = time.GetTimestamp();

    /// <summary>Returns when it is known.</summary>
    /// <exception cref="StrangerException">The cluster knows a former self of this node.</exception>
    public Task FindOutAsync(CancellationToken token) =>
        node.IsFounded ? Task.CompletedTask
        : settings.Join ? JoinAsync(token)
        : FoundAsync(token);

    /// <summary>A node that misses a leader for long asks whether it was removed meanwhile.</summary>
    public async Task WatchAsync(CancellationToken token)
    {
        var missedSince = time.GetTimestamp();
        while (!token.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (node.Leader is not null)
            {
                missedSince = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(missedSince).TotalMilliseconds > Limits.LeaderMissedMs)
            {
                await AskWhetherRemovedAsync(token);
                missedSince = time.GetTimestamp();
            }
        }
    }

    private async Task AskWhetherRemovedAsync(CancellationToken token)
    {
        try
        {
            foreach (var peer in Others(node.Members))
            {
                if (await peers.AskAsync(peer.InternalUrl, token) is { Phase: NodePhase.Member } view)
                {
                    node.Hear([.. view.Members.Select(member => member.ToMember())], view.MembersIndex);
                }
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
        }
    }

    private async Task FoundAsync(CancellationToken token)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            foreach (var peer in Others(settings.Members).Where(peer => !seen.ContainsKey(peer.Name)))
            {
                var view = await peers.AskAsync(peer.InternalUrl, token);
                if (view is { Phase: NodePhase.Member or NodePhase.Joining })
                {
                    node.Found(FoundedWithThisNode(peer, view));
                    return;
                }

                if (view is not null && view.Name == peer.Name)
                {
                    seen[peer.Name] = view.Incarnation;
                }
                else
                {
                    SayOnceInAWhile(view is null
                        ? $"The first start of a cluster needs all its members once: waiting for {peer.Name} at {peer.InternalUrl}."
                        : $"{peer.InternalUrl} is said to be {peer.Name}, but calls itself {view.Name}: mend the --member lists.");
                }
            }

            if (seen.Count == settings.Members.Count - 1)
            {
                node.Found([.. settings.Members.Select(member => member.Name == settings.Name ? member : member with { Incarnation = seen[member.Name] })]);
                return;
            }

            await Task.Delay(AskAgain, time, token);
        }
    }

    private List<Member> FoundedWithThisNode(Member peer, NodeView view) =>
        view.MembersIndex == 0 && view.Members.Any(member => member.Name == settings.Name && member.Incarnation == node.Incarnation)
            ? [.. view.Members.Select(member => member.ToMember())]
            : throw new StrangerException(
                $"{peer.Name} belongs to a cluster already, and this node's data folder, {settings.DataDirectory}, is empty. If '{settings.Name}' was a member before, it has lost"
                + " what it promised and must not vote: remove it on one of the others (raftlocks-node member remove), and start it here with --join."
                + " If it never was one, start it with --join.");

    private async Task JoinAsync(CancellationToken token)
    {
        while (true)
        {
            foreach (var peer in Others(settings.Members))
            {
                if (await peers.AskAsync(peer.InternalUrl, token) is not { Phase: NodePhase.Member } view)
                {
                    SayOnceInAWhile($"Looking for the cluster to join: {peer.Name} at {peer.InternalUrl} does not answer, or is no member.");
                    continue;
                }

                var self = settings.Self;
                if (view.Members.FirstOrDefault(member => member.Name == self.Name || (member.RaftHost == self.RaftHost && member.RaftPort == self.RaftPort)) is { } former)
                {
                    throw new StrangerException(
                        $"The cluster has a member '{former.Name}' at {former.RaftHost}:{former.RaftPort}, with other data than this node's. Remove it first:"
                        + $" raftlocks-node member remove {former.Name} --node {peer.ClientUrl.GetLeftPart(UriPartial.Authority)}");
                }

                node.AwaitBeingAdded();
                AwaitsBeingAdded(logger, settings.Name, self.RaftAddress, self.ClientUrl, peer.ClientUrl);
                return;
            }

            await Task.Delay(AskAgain, time, token);
        }
    }

    private IEnumerable<Member> Others(IEnumerable<Member> members) => members.Where(member => member.Name != settings.Name);

    private void SayOnceInAWhile(string what)
    {
        if (time.GetElapsedTime(saidAt) > SayAgain)
        {
            saidAt = time.GetTimestamp();
            Waits(logger, what);
        }
    }

    [LoggerMessage(400, LogLevel.Information, "{What}")]
    private static partial void Waits(ILogger logger, string what);

    [LoggerMessage(401, LogLevel.Information, "{Name} waits to be added: raftlocks-node member add {Name},{RaftAddress},{ClientUrl} --node {Peer}")]
    private static partial void AwaitsBeingAdded(ILogger logger, string name, string raftAddress, Uri clientUrl, Uri peer);
}
