// Those who look at the simulated server, and the administrator.
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Tests.Linearizability;

/// <content>Reads and revocations.</content>
internal sealed partial class SimulatedRun
{
    private void Revoke()
    {
        var (calledAt, outcome) = (now, "gone");
        if (server.Counter > 0)
        {
            var id = server.Counter - (ulong)random.Next((int)Math.Min(server.Counter, 4));
            In(
                5,
                () =>
                {
                    if (attemptOf.Keys.FirstOrDefault(one => one.Id == id && server.IsLive(one)) is { } live)
                    {
                        live.WhenAcquired = null;
                        server.Leave(live, now);
                        outcome = "revoked";
                        var attempt = attemptOf[live];
                        if (!live.IsAcquired && attempt.ReleaseSentAt is null && attempt.TimedOutAt is null)
                        {
                            In(5, () => In(5, () => Lock(attempt.Client)));
                        }
                    }

                    In(
                        5,
                        () => Revocations.Add(new Revocation("ns", id, calledAt, now, Chance(breaks) ? null : outcome))
                    );
                }
            );
        }

        if (now < endsAt)
        {
            In(200, Revoke);
        }
    }

    private void Read()
    {
        var (calledAt, id, resources) = (
            now,
            server.Counter + 1 - (ulong)random.Next((int)Math.Min(server.Counter + 1, 6)),
            Resources()
        );
        var what = random.Next(4);
        In(
            5,
            () =>
            {
                var operation = Seen(what, calledAt, id, resources);
                In(
                    5,
                    () =>
                    {
                        if (!Chance(breaks))
                        {
                            Readings.Add(new Reading("ns", operation with { Return = now }));
                        }

                        if (now < endsAt)
                        {
                            In(20, Read);
                        }
                    }
                );
            }
        );
    }

    private Operation Seen(int what, double calledAt, ulong id, Resource[] resources)
    {
        var isStale =
            bug
                == (
                    what switch
                    {
                        0 => Bug.StaleFence,
                        1 => Bug.StaleLocks,
                        _ => Bug.StaleExplain,
                    }
                )
            && server.IsBuggyNow()
            && states.Count > 0;
        var live = isStale ? states[Math.Max(0, states.Count - 1 - random.Next(30))].Live : server.State();
        var one = live.FirstOrDefault(one => one.Id == id);
        var standing =
            one is null ? Standing.Gone
            : one.IsAcquired ? Standing.Acquired
            : Standing.Enqueued;
        return what switch
        {
            0 => new Look(calledAt, 0, id, standing, one?.Resources.Any(resource => resource.Write), "/v1/fence"),
            1 => new Page(
                calledAt,
                0,
                [.. live.Select(row => (row.Id, row.IsAcquired ? Standing.Acquired : Standing.Enqueued))],
                null,
                0
            ),
            2 => new Explain(calledAt, 0, resources, Blockers(live, resources)),
            _ => new ExplainId(
                calledAt,
                0,
                id,
                standing,
                standing == Standing.Enqueued ? Blockers(live.TakeWhile(older => older != one), one!.Resources) : []
            ),
        };
    }

    private static ulong[] Blockers(IEnumerable<ServerLock> live, IReadOnlyList<Resource> resources) =>
        [
            .. live.Where(other => SimulatedServer.Conflict(other.Resources, resources))
                .Select(other => other.Id)
                .Take(Explain.MaxBlockers),
        ];
}
