// A client that does what its plan says. It keeps a history for the checkers, as the clients of a chaos run do.
using System.Globalization;
using System.Text.Json;
using RaftLocks.Chaos.History;

namespace RaftLocks.Simulation.World;

/// <summary>A client.</summary>
internal sealed class SimClient(int number, ClientPlan plan, Testbed stage, Random random)
{
    // A frozen node accepts and says nothing.
    private const int ConnectMs = 1_000;
    private Link? link;
    private int attempt;
    private int turn;
    private int next;
    private string nonce = "";
    private Request? request;
    private string? releasing;

    /// <summary>Whether it has done all that it planned, and is gone.</summary>
    public bool IsDone { get; private set; }

    /// <summary>What it waits for, for people.</summary>
    public string Waits => request is null ? "a connection" : request.ToString();

    private Cycle Cycle => plan.Cycles[next];

    /// <summary>Begins.</summary>
    public void Start() => stage.Clock.After(random.Next(300), GoOn);

    private void GoOn()
    {
        if (next == plan.Cycles.Length)
        {
            IsDone = true;
            link?.Close();
            link = null;
        }
        else if (link is { IsOpen: true })
        {
            var mine = ++turn;
            stage.Clock.After(
                Cycle.PauseMs,
                () =>
                {
                    if (mine != turn)
                    {
                        // The connection broke meanwhile, and another came.
                    }
                    else if (link is { IsOpen: true })
                    {
                        Lock();
                    }
                    else
                    {
                        Connect();
                    }
                }
            );
        }
        else
        {
            Connect();
        }
    }

    private void Connect()
    {
        turn++;
        var mine = ++attempt;
        link = null;
        stage.Clock.After(ConnectMs, () => Retry(mine));
        var leaders = stage.Nodes.Where(node => node is { IsUp: true, Registry.Current: not null }).ToArray();
        if (leaders.Length == 0)
        {
            stage.Clock.After(100, () => Retry(mine));
            return;
        }

        var node = leaders[random.Next(leaders.Length)];
        stage.Clock.After(
            random.NextDouble() * 3,
            () =>
                node.Thread.Post(() =>
                {
                    if (node.Registry.Current is null)
                    {
                        stage.Clock.After(20, () => Retry(mine));
                        return;
                    }

                    var opened = new Link(node, stage.Clock, random, stage.Truth, OnReceived, () => OnEnded(mine));
                    stage.Links.Add(opened);
                    _ = opened.ServeAsync(plan.AbandonTimeoutMs);
                    stage.Clock.After(
                        random.NextDouble() * 2,
                        () =>
                        {
                            if (mine != attempt || IsDone)
                            {
                                opened.Break(0);
                            }
                            else if (opened.IsOpen)
                            {
                                attempt++;
                                link = opened;
                                GoOn();
                            }
                            else
                            {
                                Retry(mine);
                            }
                        }
                    );
                })
        );
    }

    private void Retry(int mine)
    {
        if (mine == attempt && !IsDone)
        {
            Connect();
        }
    }

    private void Lock()
    {
        nonce = string.Create(CultureInfo.InvariantCulture, $"{number}-{next}-{attempt}");
        var type = Cycle.Write ? "write" : "read";
        string[] path = Cycle.Resource == 0 ? ["a"] : ["a", Cycle.Resource.ToString(CultureInfo.InvariantCulture)];
        request = new Request
        {
            Client = number,
            Namespace = "n",
            Resources = [new Resource(Cycle.Write, path)],
            AbandonTimeoutMs = plan.AbandonTimeoutMs,
            SentAt = stage.Clock.NowMs,
        };
        stage.History.Add(request);
        stage.Truth.OnAsked(nonce, link!);
        link!.Send(
            $$"""{"action":"lock","resources":[{"type":"{{type}}","path":["{{string.Join("\",\"", path)}}"]},{"type":"read","path":["#","{{nonce}}"]}]}"""
        );
        if (Cycle.Ending == Ending.ReleaseAhead)
        {
            Release();
        }
        else if (Cycle.Ending is Ending.GiveUp or Ending.VanishEarly)
        {
            InAWhile(Cycle.Ending == Ending.GiveUp ? Release : Vanish);
        }
    }

    private void Release()
    {
        (request!.Ending, request.EndedAt, releasing) = (Chaos.History.Ending.Release, stage.Clock.NowMs, nonce);
        stage.Truth.OnReleaseSent(nonce);
        link!.Send("""{"action":"release"}""");
    }

    private void Vanish()
    {
        link!.Break(random.Next(4) == 0 ? random.Next(2_000) : random.NextDouble());
        Leave();
    }

    private void Close()
    {
        link!.Close();
        Leave();
    }

    private void Leave()
    {
        (request!.Ending, request.EndedAt) = (Chaos.History.Ending.Vanish, stage.Clock.NowMs);
        Over();
    }

    private void Over()
    {
        (request, releasing) = (null, null);
        next++;
        GoOn();
    }

    // Only if the lock is still the same then, and its end not on its way.
    private void InAWhile(Action what)
    {
        var mine = nonce;
        stage.Clock.After(
            Cycle.HoldMs,
            () =>
            {
                if (request is not null && nonce == mine && releasing is null && link is { IsOpen: true })
                {
                    what();
                }
            }
        );
    }

    private void OnReceived(string reply)
    {
        using var json = JsonDocument.Parse(reply);
        var id = ulong.Parse(json.RootElement.GetProperty("id").GetString()!, CultureInfo.InvariantCulture);
        var action = json.RootElement.GetProperty("action").GetString()!;
        var state = json.RootElement.GetProperty("state").GetString()!;
        if (request is null)
        {
            stage.Truth.Fault("nothing is told twice", $"client {number} asked for nothing and heard {reply}");
            return;
        }

        stage.Truth.OnHeard(nonce, id, action, state);
        request.Id ??= id;
        request.SeenAt ??= stage.Clock.NowMs;
        if (action == "release")
        {
            request.ReleasedAt = stage.Clock.NowMs;
            Over();
        }
        else if (state == "acquired")
        {
            request.AcquiredAt = stage.Clock.NowMs;
            OnAcquired();
        }
    }

    private void OnAcquired()
    {
        switch (Cycle.Ending)
        {
            case Ending.Release:
                InAWhile(Release);
                break;
            case Ending.Vanish:
                InAWhile(Vanish);
                break;
            case Ending.Close:
                InAWhile(Close);
                break;
        }
    }

    private void OnEnded(int mine)
    {
        if (link is null || mine != attempt - 1)
        {
            return;
        }

        link = null;
        if (request is null)
        {
            GoOn();
            return;
        }

        if (request.EndedAt is null)
        {
            (request.Ending, request.EndedAt) = (Chaos.History.Ending.Broken, stage.Clock.NowMs);
        }

        Over();
    }
}
