// A node: the real leadership, proposer, sessions and timers on a thread and clocks of its own, over the fake Raft.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Simulation.World;

/// <summary>One run of a node's process. After a crash there is another with the same name.</summary>
internal sealed class SimNode : IReplication
{
    private static readonly RaftNodeOptions Options = new()
    {
        Name = "n",
        DataDirectory = "",
        Members = [],
        MaxLingerMicroseconds = 0,
    };
    private readonly FakeRaft raft;
    private readonly Truth truth;
    private readonly VirtualClock clock;
    private readonly List<(Entry Entry, TaskCompletionSource Done)> waiting = [];
    private readonly List<TaskCompletionSource> untilDeposed = [];
    private readonly CancellationTokenSource stopping = new();
    private CancellationTokenSource? elected;
    private Task leading = Task.CompletedTask;
    private (long Index, TaskCompletionSource Done)? barrier;

    public SimNode(int number, FakeRaft raft, VirtualClock clock, Truth truth, LockStateMachine state)
    {
        (Number, this.raft, this.clock, this.truth) = (number, raft, clock, truth);
        Thread = new NodeThread();
        Time = new NodeTime(clock, Thread);
        Locks = new StateMachineHost(state);
        Registry = new SessionRegistry(DeposedLeaderClosesWithinMs, Time, waiter => QueuePosition.Of(state, waiter));
        AppliedIndex = state.AppliedIndex;
        var settings = new LiveSettings(
            new NodeSettings
            {
                Name = "n",
                ListenUrls = [],
                DataDirectory = "",
                Members = [],
            }
        );
        Rules = new ConnectionRules(
            settings,
            new Admission(
                settings,
                name =>
                    Locks.Read(machine => new NamespaceLook(
                        machine.TryGetNamespace(name.Span, out _),
                        machine.NamespaceCount
                    ))
            )
        );
    }

    /// <summary>How long a lock's holder may not know that its leader was deposed.</summary>
    public static int DeposedLeaderClosesWithinMs => Options.LeaderSilenceMs + Options.LeaseMs;

    /// <summary>How long a confirmation lasts.</summary>
    public static int LeaseMs => Options.LeaseMs;

    public int Number { get; }

    public NodeThread Thread { get; }

    public NodeTime Time { get; }

    public StateMachineHost Locks { get; }

    public SessionRegistry Registry { get; }

    public ConnectionRules Rules { get; }

    /// <summary>
    /// What was appended here at an index; as in the library, not forgotten when another entry takes its place.
    /// </summary>
    public Dictionary<long, ProposedBatch> Contexts { get; } = [];

    /// <summary>Whether the process runs; it may be frozen.</summary>
    public bool IsUp => !Thread.IsDead;

    /// <summary>Whether it reaches the other nodes.</summary>
    public bool IsConnected { get; private set; } = true;

    /// <summary>The term that it believes to lead, or -1.</summary>
    public long LeadsIn { get; private set; } = -1;

    /// <summary>Where its log ends while it leads, or believes so.</summary>
    public long LastIndex { get; set; }

    /// <summary>When it asked what a majority has confirmed last.</summary>
    public long ConfirmedAt { get; set; } = long.MinValue / 2;

    /// <summary>How far it has applied the log.</summary>
    public long AppliedIndex { get; private set; }

    /// <summary>When it applied an entry.</summary>
    public Dictionary<long, long> AppliedAt { get; } = [];

    public void Elected(long term, long firstIndex)
    {
        (LeadsIn, LastIndex) = (term, firstIndex);
        var token = (elected = new CancellationTokenSource()).Token;
        var applied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        barrier = (firstIndex, applied);
        Thread.Post(() => leading = LeadAsync(leading, term, applied.Task, token));
    }

    /// <summary>It is told about a newer term.</summary>
    public void Depose()
    {
        if (LeadsIn < 0)
        {
            return;
        }

        LeadsIn = -1;
        var (first, ended, lost, asked) = (barrier?.Done, elected!, waiting.ToArray(), untilDeposed.ToArray());
        barrier = null;
        waiting.Clear();
        untilDeposed.Clear();

        // The calls may learn of it later than the state machine of the entries that took the place of theirs.
        if (raft.NoticeMs() is > 0 and var later)
        {
            clock.After(later, FailCalls);
        }
        else
        {
            FailCalls();
        }

        void FailCalls()
        {
            Thread.Post(() => first?.TrySetCanceled());
            Thread.Post(ended.Cancel);
            foreach (var done in lost.Select(call => call.Done).Concat(asked))
            {
                Thread.Post(() => done.TrySetException(new InvalidOperationException("another leads")));
            }
        }
    }

    public void Connect(bool connected)
    {
        IsConnected = connected;
        if (connected)
        {
            Heard();
        }

        raft.Reconsider();
    }

    public void Freeze()
    {
        Thread.IsFrozen = true;
        raft.Reconsider();
    }

    public void Thaw()
    {
        Thread.IsFrozen = false;
        Heard();
        raft.Reconsider();
    }

    public void Kill()
    {
        Thread.IsDead = true;
        raft.Reconsider();
    }

    /// <summary>A graceful end: close frames first, then the leadership.</summary>
    public void ShutDown(Action ended) => Thread.Post(() => _ = ShutDownAsync(ended));

    /// <summary>Applies what is committed, after a while.</summary>
    public void CatchUp(double afterMs) => clock.After(afterMs, () => Thread.Post(Apply));

    public void Wait(Entry entry, TaskCompletionSource done, CancellationToken token)
    {
        waiting.Add((entry, done));
        token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), done);
    }

    public void WaitUntilDeposed(TaskCompletionSource done) => untilDeposed.Add(done);

    private async Task ShutDownAsync(Action ended)
    {
        try
        {
            await Registry.ShutDownAsync();
            stopping.Cancel();
            raft.Resign(this);
            ended();
        }
        catch (Exception e)
        {
            truth.Fault("a shutdown does not throw", e.ToString());
        }
    }

    ValueTask IReplication.ReplicateAsync(
        ReadOnlyMemory<byte> entry,
        long term,
        object context,
        CancellationToken token
    ) => new(raft.AppendAsync(this, term, entry.ToArray(), (ProposedBatch)context, token));

    ValueTask IReplication.ConfirmAsync(CancellationToken token) => new(raft.ConfirmAsync(this, LeadsIn, token));

    ValueTask IReplication.ResignAsync(CancellationToken token)
    {
        raft.Resign(this);
        return ValueTask.CompletedTask;
    }

    // As in the real node one leadership ends before the next begins.
    private async Task LeadAsync(Task before, long term, Task firstApplied, CancellationToken ended)
    {
        await before;
        try
        {
            await firstApplied;
            var askedAt = Time.GetTimestamp();
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(ended, stopping.Token);
            await raft.ConfirmAsync(this, term, attempt.Token);
            if (attempt.IsCancellationRequested)
            {
                return;
            }

            using var leadership = new Leadership(term, askedAt, Options, Time);
            truth.OnLeads(this, term);
            await new LeadershipLoop(leadership, this, Locks, Registry, Options, Time, NullLogger.Instance).RunAsync(
                ended,
                stopping.Token
            );
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            raft.Resign(this);
        }
        catch (Exception e)
        {
            truth.Fault("the node's code does not throw", e.ToString());
        }
    }

    // It is reached again: whatever happened meanwhile comes in.
    private void Heard()
    {
        if (LeadsIn >= 0 && LeadsIn < raft.Term)
        {
            Depose();
        }

        CatchUp(1);
    }

    // Whatever has happened to sessions: the leader counts the memory of what is live.
    private void CheckFootprints(long term, long index)
    {
        // One that does not know the fate of commands is about to end; the next one begins with what the log has then.
        if (
            Registry.Current is not { Leadership: { IsOutcomeUnknown: false } leadership } sessions
            || leadership.Term != term
        )
        {
            return;
        }

        var live = Locks.Read(static machine => machine.LiveRequests.Sum(request => Footprint.Of(request).Bytes));
        if (sessions.Footprints.LiveBytes != live)
        {
            truth.Fault("the leader counts what is live", $"{sessions.Footprints.LiveBytes} at {index}: {live} bytes");
        }
    }

    private void Apply()
    {
        if (!IsConnected)
        {
            return;
        }

        while (AppliedIndex < raft.Committed)
        {
            var index = ++AppliedIndex;
            var entry = raft[index];
            if (entry.Bytes is null)
            {
                Locks.ApplyEmpty(index, entry.Term);
            }
            else if (
                Locks.Apply(entry.Bytes, index, entry.Term, Contexts.GetValueOrDefault(index)) != ApplyOutcome.Applied
            )
            {
                truth.Fault("a committed entry can be applied", $"index {index}");
            }

            CheckFootprints(entry.Term, index);
            AppliedAt[index] = clock.Now;
            truth.OnApplied(Number, index, Locks.Read(static machine => machine.Digest));
            foreach (var (_, done) in waiting.Where(call => call.Entry == entry))
            {
                done.TrySetResult();
            }

            waiting.RemoveAll(call => call.Entry == entry);
            if (barrier is { } first && first.Index <= index)
            {
                barrier = null;
                first.Done.TrySetResult();
            }
        }
    }
}
