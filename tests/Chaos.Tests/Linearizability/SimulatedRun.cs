// Clients of the simulated server, on simulated time: each call goes out, takes effect a little later, and is answered
// a little later still, or never.
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Tests.Linearizability;

/// <summary>One simulated run.</summary>
internal sealed partial class SimulatedRun
{
    private readonly Random random;
    private readonly Bug bug;
    private readonly SimulatedServer server;
    private readonly double breaks;
    private readonly double endsAt;
    private readonly PriorityQueue<Action, double> due = new();
    private readonly Dictionary<ServerLock, Attempt> attemptOf = [];
    private readonly List<(double At, List<ServerLock> Live)> states = [];
    private double now;

    private SimulatedRun(int seed, Bug bug, double breaks, double endsAt)
    {
        (random, this.bug, this.breaks, this.endsAt) = (new Random(seed), bug, breaks, endsAt);
        server = new SimulatedServer(bug, random);
    }

    public List<Attempt> Attempts { get; } = [];

    public List<Reading> Readings { get; } = [];

    public List<Revocation> Revocations { get; } = [];

    /// <summary>Ids by mark, of all that entered.</summary>
    public Dictionary<string, ulong> Told { get; } = [];

    /// <summary>Plays a run.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="bug">Of the server.</param>
    /// <param name="clients">That lock; half as many read.</param>
    /// <param name="breaks">How often an answer is lost with its connection.</param>
    /// <param name="ms">How long.</param>
    public static SimulatedRun Play(
        int seed,
        Bug bug = Bug.None,
        int clients = 6,
        double breaks = 0.05,
        double ms = 3_000
    )
    {
        var run = new SimulatedRun(seed, bug, breaks, ms);
        for (var i = 0; i < clients; i++)
        {
            var number = i;
            run.In(10, () => run.Lock(number));
            if (i % 2 == 0)
            {
                run.In(10, run.Read);
            }
        }

        run.In(200, run.Revoke);
        while (run.due.TryDequeue(out var act, out run.now))
        {
            act();
            run.states.Add((run.now, run.server.State()));
        }

        return run;
    }

    private void In(double atMost, Action act) => due.Enqueue(act, now + (random.NextDouble() * atMost));

    private void At(double at, Action act) => due.Enqueue(act, Math.Max(now, at));

    private bool Chance(double share) => random.NextDouble() < share;

    private Resource[] Resources() =>
        [
            .. Enumerable
                .Range(0, random.Next(1, 3))
                .Select(_ => new Resource(
                    random.Next(2) == 0,
                    [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => ((char)('a' + random.Next(2))).ToString())]
                )),
        ];

    private void Lock(int client)
    {
        if (now > endsAt)
        {
            return;
        }

        long? wait = random.Next(4) switch
        {
            0 => 0,
            1 => random.Next(1, 40),
            _ => null,
        };
        var attempt = new Attempt
        {
            Client = client,
            Namespace = "ns",
            Resources = Resources(),
            AbandonTimeoutMs = random.Next(3) * 30,
            WaitTimeoutMs = wait,
            Ref = $"{client}-{Attempts.Count}",
            SentAt = now,
        };
        Attempts.Add(attempt);
        if (Chance(breaks))
        {
            // Nobody will be answered; perhaps it gets there all the same, sooner or later.
            if (Chance(0.5))
            {
                In(Chance(0.5) ? 10 : 300, () => Enter(attempt, answered: false));
            }

            In(60, () => Lock(client));
            return;
        }

        In(5, () => Enter(attempt, answered: true));
    }

    private void Enter(Attempt attempt, bool answered)
    {
        if (attempt.WaitTimeoutMs == 0 && server.Refuses(attempt.Resources))
        {
            if (answered)
            {
                In(
                    5,
                    () =>
                    {
                        (attempt.FirstAnswer, attempt.AnsweredAt) = (FirstAnswer.Busy, now);
                        In(20, () => Lock(attempt.Client));
                    }
                );
            }

            return;
        }

        var entered = server.Enter(attempt.Resources, now);
        attemptOf[entered] = attempt;
        Told[attempt.Ref] = entered.Id;
        if (!answered)
        {
            Abandon(attempt, entered, entered.IsAcquired);
            return;
        }

        var atOnce = entered.IsAcquired;
        var answersAt = now + (random.NextDouble() * 5);
        if (!atOnce)
        {
            entered.WhenAcquired = grantedAt =>
                At(Math.Max(grantedAt, answersAt) + (random.NextDouble() * 5), () => Acquired(attempt, entered));
            if (attempt.WaitTimeoutMs is { } limit)
            {
                At(now + limit, () => TimeOut(attempt, entered, answersAt));
            }
        }

        At(
            answersAt,
            () =>
            {
                (attempt.Id, attempt.AnsweredAt) = (entered.Id, now);
                attempt.FirstAnswer = atOnce ? FirstAnswer.Acquired : FirstAnswer.Enqueued;
                if (atOnce)
                {
                    Acquired(attempt, entered);
                }
                else if (Chance(0.1))
                {
                    GiveUp(attempt, entered);
                }
            }
        );
    }

    // Its client has gone: a holder stays for its abandon timeout, a waiter goes soon.
    private void Abandon(Attempt attempt, ServerLock entered, bool held)
    {
        entered.WhenAcquired = null;
        At(
            (held ? attempt.SentAt + attempt.AbandonTimeoutMs : now) + (random.NextDouble() * 100),
            () => server.Leave(entered, now)
        );
    }

    private void GiveUp(Attempt attempt, ServerLock entered)
    {
        if (entered.IsAcquired || !server.IsLive(entered))
        {
            return;
        }

        entered.WhenAcquired = null;
        Release(attempt, entered);
    }

    private void TimeOut(Attempt attempt, ServerLock entered, double answersAt)
    {
        if (entered.IsAcquired || entered.WhenAcquired is null || !server.Leave(entered, now))
        {
            return;
        }

        entered.WhenAcquired = null;
        At(
            answersAt + (random.NextDouble() * 5),
            () =>
            {
                attempt.TimedOutAt = now;
                In(20, () => Lock(attempt.Client));
            }
        );
    }

    private void Acquired(Attempt attempt, ServerLock entered)
    {
        attempt.AcquiredAt = now;
        if (Chance(breaks))
        {
            Abandon(attempt, entered, held: true);
            In(60, () => Lock(attempt.Client));
        }
        else if (Chance(0.2))
        {
            In(10, () => Downgrade(attempt, entered));
        }
        else
        {
            In(30, () => Release(attempt, entered));
        }
    }

    private void Downgrade(Attempt attempt, ServerLock entered)
    {
        attempt.DowngradeSentAt = now;
        var isAnswered = !Chance(breaks);
        In(
            5,
            () =>
            {
                if (!server.IsLive(entered))
                {
                    // It was revoked: the answer would say so.
                    In(5, () => Gone(attempt));
                }
                else if (isAnswered)
                {
                    server.Downgrade(entered, now);
                    In(
                        5,
                        () =>
                        {
                            attempt.DowngradedAt = now;
                            In(30, () => Release(attempt, entered));
                        }
                    );
                }
                else
                {
                    server.Downgrade(entered, now);
                    Abandon(attempt, entered, held: true);
                    In(60, () => Lock(attempt.Client));
                }
            }
        );
    }

    private void Gone(Attempt attempt)
    {
        attempt.GoneAt = now;
        In(20, () => Lock(attempt.Client));
    }

    private void Release(Attempt attempt, ServerLock entered)
    {
        attempt.ReleaseSentAt = now;
        if (!Chance(breaks))
        {
            In(
                5,
                () =>
                {
                    server.Release(entered, now);
                    In(
                        5,
                        () =>
                        {
                            attempt.ReleasedAt = now;
                            In(20, () => Lock(attempt.Client));
                        }
                    );
                }
            );
        }
        else
        {
            if (Chance(0.5))
            {
                In(5, () => server.Release(entered, now));
            }
            else
            {
                Abandon(attempt, entered, held: true);
            }

            In(60, () => Lock(attempt.Client));
        }
    }
}
