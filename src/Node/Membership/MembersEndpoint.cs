// /v1/admin/members: list, add, remove. The leader does it; others say where it is. One change at a time, and only
// those that leave the cluster able to decide.
using System.Text.Json;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Node.Membership;

internal sealed class MembersEndpoint(
    RaftNode node,
    MemberClient client,
    AdminGuard guard,
    Func<HttpContext, Task> sendToLeader
)
{
    private static readonly TimeSpan ChangeTimeout = TimeSpan.FromMilliseconds(Limits.MemberChangeMs);

    public Task ListAsync(HttpContext context) => guard.PassAsync(context, TellAsync);

    public Task AddAsync(HttpContext context) =>
        guard.PassAsync(context, node.Current is null ? sendToLeader : AddHereAsync);

    public Task RemoveAsync(HttpContext context) =>
        guard.PassAsync(context, node.Current is null ? sendToLeader : RemoveHereAsync);

    private async Task AddHereAsync(HttpContext context)
    {
        AddMemberRequest? asked;
        try
        {
            asked = await JsonSerializer.DeserializeAsync(
                context.Request.Body,
                ApiJson.Default.AddMemberRequest,
                context.RequestAborted
            );
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            asked = null;
        }

        if (asked?.Member is not { } text || MemberList.Parse(text, out var member) is not null)
        {
            await Responses.TextAsync(
                context,
                StatusCodes.Status400BadRequest,
                """Say whom to add: {"member":"NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL]"}, for example {"member":"n4,10.0.0.4:7009,http://10.0.0.4:9009"}."""
            );
            return;
        }

        if (WhyNot(member!) is { } conflict)
        {
            await Responses.TextAsync(context, StatusCodes.Status409Conflict, conflict);
            return;
        }

        var view = await client.NodeAsync(member!.InternalUrl, context.RequestAborted);
        if (view is not { Phase: NodePhase.Joining } || view.Name != member.Name)
        {
            await Responses.TextAsync(
                context,
                StatusCodes.Status409Conflict,
                view is null
                    ? $"{member.InternalUrl} does not answer. Start the new node first, with an empty data folder "
                        + "and --join."
                    : $"The node at {member.InternalUrl} calls itself '{view.Name}' and is {view.Phase}. Start it "
                        + $"as '{member.Name}' with an empty data folder and --join."
            );
            return;
        }

        if (Versions.SnapshotAt(node.FeatureLevel) is var version && view.SnapshotVersionRead < version)
        {
            await Responses.TextAsync(
                context,
                StatusCodes.Status409Conflict,
                $"The cluster's snapshots have format version {version}, and {member.Name} reads "
                    + $"version {view.SnapshotVersionRead}: start it with the version that the others have."
            );
            return;
        }

        if (node.FeatureLevel is var level && level > view.FeatureLevelRead)
        {
            await Responses.TextAsync(
                context,
                StatusCodes.Status409Conflict,
                $"The cluster is at feature level {level}, and {member.Name} is too old for it: start it with the "
                    + "version that the others have."
            );
            return;
        }

        await ChangeAsync(
            context,
            token => node.AddMemberAsync(member with { Incarnation = view.Incarnation }, token),
            $"{member.Name} could not be reached at {member.RaftAddress}, or did not catch up. It is no member."
        );
    }

    private async Task RemoveHereAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        if (node.Members.FirstOrDefault(member => member.Name == name) is not { } member)
        {
            await Responses.TextAsync(
                context,
                StatusCodes.Status404NotFound,
                $"There is no member '{name}'. Members: {Names()}."
            );
        }
        else if (node.Members.Count == 1)
        {
            await Responses.TextAsync(
                context,
                StatusCodes.Status409Conflict,
                $"'{name}' is the only member: a cluster can't be without. Stop the node instead."
            );
        }
        else if (name == node.Status.Name)
        {
            await node.TransferLeadershipAsync();
            await Responses.UnavailableAsync(
                context,
                $"'{name}' led and has handed over: ask again, and the next leader removes it."
            );
        }
        else if (
            !context.Request.Query.ContainsKey(ApiPaths.ForceParameter)
            && await WouldBreakAsync(member, context.RequestAborted) is { } why
        )
        {
            await Responses.TextAsync(context, StatusCodes.Status409Conflict, why);
        }
        else
        {
            await ChangeAsync(context, token => node.RemoveMemberAsync(member, token), $"'{name}' was not removed.");
        }
    }

    private string? WhyNot(Member added)
    {
        if (
            node.Members.FirstOrDefault(member =>
                member.Name == added.Name || member.RaftAddress == added.RaftAddress
            ) is
            { } same
        )
        {
            return $"'{same.Name}' at {same.RaftAddress} is a member already. If it lost its data, remove it first.";
        }

        if (node.Members.Count >= Limits.MaxMembers)
        {
            return $"A cluster has at most {Limits.MaxMembers} members, and has {node.Members.Count}: {Names()}. "
                + "Remove one first.";
        }

        return node.Members.Count == 1 && node.Members[0].RaftPort == 0
            ? "This node was started as a cluster of one without a Raft address. Start it again with --member and "
                + "an address that the others can reach, then add them."
            : node.OnlyAlone;
    }

    /// <summary>Whether those who stay and answer would be no majority of those who stay.</summary>
    private async Task<string?> WouldBreakAsync(Member removed, CancellationToken token)
    {
        var staying = node.Members.Where(member => member.Name != removed.Name).ToList();
        var others = staying.Where(member => member.Name != node.Status.Name);
        var answers = await Task.WhenAll(others.Select(member => client.NodeAsync(member.InternalUrl, token)));
        var alive = answers.Count(answer => answer is { Phase: NodePhase.Member }) + 1;
        return alive > staying.Count / 2
            ? null
            : $"Of those who would stay ({string.Join(", ", staying.Select(member => member.Name))}) only {alive} "
                + "answer: no majority. Bring them back first, or add ?force=true.";
    }

    private async Task ChangeAsync(HttpContext context, Func<CancellationToken, Task<bool>> change, string failed)
    {
        // Whoever asked may go away; the change goes on, and ends with this node's leadership at the latest.
        using var timeout = new CancellationTokenSource(ChangeTimeout);
        try
        {
            await (
                await change(timeout.Token)
                    ? TellAsync(context)
                    : Responses.TextAsync(context, StatusCodes.Status409Conflict, failed)
            );
        }
        catch (OperationCanceledException)
        {
            await Responses.UnavailableAsync(
                context,
                "The change was not agreed upon in time; it may still come. Look at the list before you ask again."
            );
        }
        catch (InvalidOperationException e)
        {
            await Responses.UnavailableAsync(context, $"Not now: {e.Message} Look at the list before you ask again.");
        }
    }

    private Task TellAsync(HttpContext context)
    {
        var leader = node.Leader?.Name;
        return Responses.JsonAsync(
            context,
            StatusCodes.Status200OK,
            new MembersResponse(node.MembersIndex, leader, MemberMapper.All(node.Members)),
            ApiJson.Default.MembersResponse
        );
    }

    private string Names() => string.Join(", ", node.Members.Select(member => member.Name));
}
