// Asks the members for what the check of a rolling upgrade looks at. They are asked twice: the second answers are
// compared with what was committed by the first, so that a busy cluster is not taken for one that is behind.
using RaftLocks.Api;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Upgrade;

internal static class UpgradeLook
{
    /// <summary>Looks at the cluster.</summary>
    /// <exception cref="ApiUnreachableException">None of the nodes that were named answers.</exception>
    public static async Task<UpgradeFacts> AskAsync(
        ApiClient api,
        SkippedNodes skipped,
        string? target,
        CancellationToken token
    )
    {
        var nodes = (await SeenNode.AskAllAsync(api, skipped, token))
            .Where(node => node.View?.Value.Name is not null)
            .DistinctBy(node => node.View!.Value.Name, StringComparer.Ordinal)
            .ToDictionary(node => node.View!.Value.Name, StringComparer.Ordinal);
        var views = nodes.Values.Select(node => node.View!.Value).ToList();
        var states = await Task.WhenAll(
            nodes.Select(async node => (node.Key, State: await AskOneAsync(api, node.Value.Url, skipped, token)))
        );
        var known = states.ToDictionary(each => each.Key, each => each.State, StringComparer.Ordinal);
        var listing = views
            .OrderByDescending(view => view.Role == "leader")
            .ThenByDescending(view => view.Term)
            .First();
        var members = (listing.Members ?? []).Where(member => member.Name is not null).ToList();
        return new UpgradeFacts(
            [
                .. members.Select(member => new SeenMember(
                    member.Name,
                    nodes.TryGetValue(member.Name, out var seen) ? Origin(seen.Url) : member.ClientUrl,
                    known.GetValueOrDefault(member.Name)
                )),
            ],
            [.. nodes.Keys.Where(name => !members.Exists(member => member.Name == name)).Order(StringComparer.Ordinal)],
            views.Max(view => view.CommitIndex),
            target
        );
    }

    private static async Task<MemberState?> AskOneAsync(
        ApiClient api,
        Uri node,
        SkippedNodes skipped,
        CancellationToken token
    )
    {
        var asked = (
            View: SeenNode.AskAsync(api, node, ApiRequests.Cluster(), skipped, token),
            Node: SeenNode.AskAsync(api, node, ApiRequests.Node(), skipped, token),
            Health: SeenNode.AskAsync(api, node, ApiRequests.Ready(), skipped, token)
        );
        return
            await asked.View is { Value: var view }
            && await asked.Node is { Value: var self }
            && await asked.Health is { Value: var health }
            ? StateOf(view, self, health)
            : null;
    }

    private static MemberState StateOf(ClusterResponse view, NodeResponse self, HealthResponse health) =>
        new(
            view.Role,
            view.Term,
            view.Leader,
            view.AppliedIndex,
            view.Version is { Length: > 0 } version ? version : null,
            view.FeatureLevel,
            self.FeatureLevelRead,
            self.SnapshotVersionRead
        )
        {
            NotReady = health.Ok ? null : health.Reason ?? "it does not say why",
            Alarms = view.Alarms ?? [],
            Members =
            [
                .. (view.Members ?? [])
                    .Select(member => $"{member.Name} at {member.RaftAddress}")
                    .Order(StringComparer.Ordinal),
            ],
            HasUnappliedMembers = self.LogMembers is not null,
            Adding = self.AddingMember,
        };

    private static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
