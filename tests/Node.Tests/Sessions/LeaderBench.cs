// A leadership without Raft: commands are applied when the test says so, by a clock that the test moves.
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

internal sealed class LeaderBench
{
    public const int DeposedLeaderClosesWithinMs = 2_500;

    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(10);
    private static readonly RaftNodeOptions Options = new()
    {
        Name = "n1",
        DataDirectory = "",
        Members = [],
    };

    private readonly LockStateMachine machine = new();
    private readonly EntryWriter writer = new();
    private readonly EventList events = new();
    private UInt128 nextBatch = 1;

    public LeaderBench()
    {
        Registry = new SessionRegistry(DeposedLeaderClosesWithinMs, Time, waiter => QueuePosition.Of(machine, waiter));
        writer.Begin(nextBatch++, 0);
        writer.Add(new RaiseFeatureLevelCommand(Versions.SupportedFeatureLevel));
        Assert.Equal(ApplyOutcome.Applied, machine.Apply(writer.Complete().Span, index: 1, term: 1, events));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public SessionRegistry Registry { get; }

    public Leadership Leadership { get; private set; } = null!;

    public LeaderSessions Sessions => Registry.Current!;

    public int Live => machine.LiveCount;

    /// <summary>All live requests of the state.</summary>
    public LockRequest[] LiveRequests => machine.LiveRequests;

    /// <summary>The entry that was applied last, until the next one is.</summary>
    public ReadOnlyMemory<byte> LastEntry { get; private set; }

    public LockRequest Find(ulong id, string ns = "n") => machine.FindRequest(Encoding.UTF8.GetBytes(ns), id)!;

    public LockRequest? Find(SessionId session, string channel, string ns = "n") =>
        machine.FindRequest(Encoding.UTF8.GetBytes(ns), session, Encoding.UTF8.GetBytes(channel));

    public LeaderBench Lead()
    {
        Leadership = new Leadership(machine.AppliedTerm + 1, Time.GetTimestamp(), Options, Time)
        {
            FeatureLevel = machine.FeatureLevel,
        };
        Registry.OnGained(Leadership, machine.LiveRequests);
        return this;
    }

    public void Lose()
    {
        Leadership.End();
        Registry.OnLost(Leadership);
        Leadership.DropAll();
    }

    public TestClient Connect(long abandonTimeoutMs = 60_000, string ns = "n") =>
        Open(abandonTimeoutMs, ns, traits: null);

    /// <summary>
    /// Opens a session with a token; where it stands is told later, by <see cref="TestClient.Resumed"/>.
    /// </summary>
    public TestClient Arrive(
        string token = "t",
        long abandonTimeoutMs = 60_000,
        string ns = "n",
        bool hearsProgress = false
    )
    {
        var id = SessionToken.ToId(Encoding.UTF8.GetBytes(ns), Encoding.UTF8.GetBytes(token));
        var client = Open(abandonTimeoutMs, ns, new SessionTraits(id, IsExtended: true, HearsProgress: hearsProgress));
        client.Resumed = client.Session.ResumeAsync();
        return client;
    }

    /// <summary>The same, and waits until it has been told.</summary>
    public async Task<TestClient> ResumeAsync(
        string token = "t",
        long abandonTimeoutMs = 60_000,
        string ns = "n",
        bool hearsProgress = false
    )
    {
        var client = Arrive(token, abandonTimeoutMs, ns, hearsProgress);
        Assert.True(await client.Resumed.WaitAsync(WaitBound));
        return client;
    }

    /// <summary>Sends a lock on its way; <see cref="Apply"/> has it applied.</summary>
    public static async Task SendLockAsync(
        TestClient client,
        string path = "a",
        Access access = Access.Write,
        long waitLimitMs = -1,
        string channel = "",
        string mark = ""
    ) =>
        Assert.Null(
            await client.Session.ProposeAsync(
                new LockProposal(
                    client.Channel(channel),
                    new ResourceSetBuilder().Begin(access).Segment(path).Build(),
                    waitLimitMs,
                    label: null,
                    Encoding.UTF8.GetBytes(mark)
                )
            )
        );

    public static async Task SendReleaseAsync(TestClient client, string channel = "") =>
        Assert.Null(await client.Session.ProposeAsync(new ReleaseProposal(client.Channel(channel))));

    public async Task LockAsync(
        TestClient client,
        string path = "a",
        Access access = Access.Write,
        long waitLimitMs = -1,
        string channel = "",
        string mark = ""
    )
    {
        await SendLockAsync(client, path, access, waitLimitMs, channel, mark);
        Apply();
    }

    public async Task ReleaseAsync(TestClient client, string channel = "")
    {
        await SendReleaseAsync(client, channel);
        Apply();
    }

    /// <summary>Applies what was proposed, as the Raft room does; returns how many commands that were.</summary>
    public int Apply()
    {
        var commands = new List<PendingCommand>();
        writer.Begin(nextBatch++, Time.GetUtcNow().ToUnixTimeMilliseconds());
        Leadership.Proposals.BeginBatch();
        while (Leadership.Proposals.TryTake(out var command))
        {
            commands.Add(command);
            command.WriteTo(writer);
        }

        if (commands.Count == 0)
        {
            return 0;
        }

        LastEntry = writer.Complete();
        Assert.Equal(
            ApplyOutcome.Applied,
            machine.Apply(LastEntry.Span, machine.AppliedIndex + 1, Leadership.Term, events)
        );
        for (var i = 0; i < events.Count; i++)
        {
            ref readonly var happened = ref events[i];
            if (happened.IsReply)
            {
                commands[happened.Ordinal].OnApplied(happened);
            }
            else
            {
                Registry.OnAcquired(happened.Request!);
            }
        }

        return commands.Count;
    }

    /// <summary>Has an administrator revoke a request.</summary>
    public Task<RevokeOutcome>? Revoke(ulong id, long graceMs, string ns = "n") =>
        Sessions.Revocations.Begin(
            new RevokeOrder(Encoding.UTF8.GetBytes(ns), id, "maintenance"u8.ToArray(), graceMs),
            order => FoundRequest.Of(machine.FindRequest(order.Namespace.Span, order.Id))
        );

    /// <summary>Waits until something is proposed, and applies it.</summary>
    public async Task ApplyNextAsync()
    {
        Assert.True(await Leadership.Proposals.WaitToTakeAsync().AsTask().WaitAsync(WaitBound));
        Apply();
    }

    /// <summary>Waits until the leader has something to propose by itself, without applying it.</summary>
    public async Task ProposedAsync() =>
        Assert.True(await Leadership.Proposals.WaitToTakeAsync().AsTask().WaitAsync(WaitBound));

    public void Advance(double ms) => Time.Advance(TimeSpan.FromMilliseconds(ms));

    private TestClient Open(long abandonTimeoutMs, string ns, SessionTraits? traits)
    {
        var client = new TestClient();
        client.Session = Sessions.Open(
            Sessions.Namespaces.Connect(Encoding.UTF8.GetBytes(ns)),
            abandonTimeoutMs,
            client,
            traits
        );
        return client;
    }
}

internal sealed class TestClient : ISessionConnection
{
    private static readonly byte[] Marker = "marker"u8.ToArray();
    private TaskCompletionSource marked = new();

    public Session Session { get; set; } = null!;

    public List<string> Heard { get; } = [];

    /// <summary>For a session with a token: whether it has taken over.</summary>
    public Task<bool> Resumed { get; set; } = Task.FromResult(true);

    public CloseReason? Last { get; private set; }

    public SessionChannel Channel(string name) => Session.Channel(Encoding.UTF8.GetBytes(name), maxInUse: 1000)!;

    /// <summary>
    /// Waits until it has heard all that its session's steps up to now brought about: another thread may be carrying
    /// it out.
    /// </summary>
    public Task HearAllAsync()
    {
        marked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Session.Answer(new SessionReply(0, ReplyKind.Notice, Marker));
        return marked.Task;
    }

    public void Reply(in SessionReply reply)
    {
        if (ReferenceEquals(reply.Text, Marker))
        {
            marked.SetResult();
            return;
        }

        Heard.Add(
            reply.IsWhole
                ? Encoding.UTF8.GetString(reply.Text!)
                : $"{reply.Kind} {reply.Id}{(reply.Text is { } channel ? " " + Encoding.UTF8.GetString(channel) : "")}"
        );
    }

    public void Close(CloseReason closeReason) => Last ??= closeReason;

    public void Abort() { }
}
