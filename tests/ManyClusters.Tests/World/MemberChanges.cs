// Changes of the members, one after the other, as an operator asks whoever leads for them.
using RaftLocks.ManyClusters.Checkers;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.ManyClusters.World;

/// <summary>Adds and removes members of one cluster.</summary>
internal sealed class MemberChanges(TestCluster cluster, AvailabilityWatch watch)
{
    private const int FewestMembers = 2;

    private readonly Lock gate = new();
    private Task last = Task.CompletedTask;

    /// <summary>Completes when no change is under way.</summary>
    public Task IdleAsync()
    {
        lock (gate)
        {
            return last;
        }
    }

    /// <summary>Starts a machine that was never used, and adds it.</summary>
    public Task AddAsync() =>
        ChangeAsync(async token =>
        {
            if (
                Leader() is not { } leader
                || leader.Members.Count >= Limits.MaxMembers
                || await cluster.StartJoiningAsync() is not { Node: not null } machine
            )
            {
                return "no member can be added";
            }

            var added = machine.AsMember();
            while (!token.IsCancellationRequested)
            {
                try
                {
                    if (
                        Leader() is { } node
                        && (
                            node.Members.Any(member => member.Name == added.Name)
                            || await node.AddMemberAsync(added, token)
                        )
                    )
                    {
                        return $"{added.Name} is a member";
                    }
                }
                catch (InvalidOperationException)
                {
                    // It does not lead, or has yet to finish another change.
                }

                await Task.Delay(10, CancellationToken.None);
            }

            return $"{added.Name} could not be added in time";
        });

    /// <summary>Removes a member, unless it leads or too few would be left.</summary>
    public Task RemoveAsync(Func<Machine?> find) =>
        ChangeAsync(async token =>
        {
            while (!token.IsCancellationRequested)
            {
                try
                {
                    if (Leader() is { } leader && find() is { } machine)
                    {
                        if (leader.Members.Count <= FewestMembers || leader.Status.Name == machine.Name)
                        {
                            return "no member is removed";
                        }

                        if (leader.Members.FirstOrDefault(member => member.Name == machine.Name) is not { } member)
                        {
                            return $"{machine.Name} is no member";
                        }

                        await leader.RemoveMemberAsync(member, token);
                        return $"{machine.Name} is removed";
                    }
                }
                catch (InvalidOperationException)
                {
                    // It does not lead, or has yet to finish another change.
                }

                await Task.Delay(10, CancellationToken.None);
            }

            return "a member could not be removed in time";
        });

    private RaftNode? Leader() => cluster.Leaders is [.., var (machine, _)] ? machine.Node : null;

    private Task ChangeAsync(Func<CancellationToken, Task<string>> change)
    {
        lock (gate)
        {
            return last = ChangeAsync(last, change);
        }
    }

    private async Task ChangeAsync(Task before, Func<CancellationToken, Task<string>> change)
    {
        await before;
        try
        {
            watch.MembersChange();
            using var timeout = new CancellationTokenSource(Pace.ChangeBoundMs);
            cluster.Note(
                "change: " + await change(timeout.Token).WaitAsync(TimeSpan.FromMilliseconds(Pace.ChangeBoundMs * 2))
            );
        }
        catch (Exception e) when (e is TimeoutException or IOException || IReplication.IsLost(e))
        {
            cluster.Note($"change: given up, {e.GetType().Name}: {e.Message}");
        }
        finally
        {
            watch.MembersChange();
        }
    }
}
