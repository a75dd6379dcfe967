// A leadership without Raft: commands are applied when the test says so, by a clock that the test moves.
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Tests.Sessions;

internal sealed class LeaderBench
{
    public const int DeposedLeaderClosesWithinMs = 2_500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly RaftNodeOptions Options = new() { Name = "n1", DataDirectory = "", Members = [] };

    private readonly LockStateMachine machine = new();
    private readonly EntryWriter writer = new();
    private readonly EventList events = new();
    private UInt128 nextBatch = 1;

    public LeaderBench() => Registry = new SessionRegistry(DeposedLeaderClosesWithinMs, Time);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public SessionRegistry Registry { get; }

    public Leadership Leadership { get; private set; } = null!;

    public LeaderSessions Sessions => Registry.Current!;

    public int Live => machine.LiveCount;

    public LockRequest Find(ulong id, string ns = "n") => machine.FindRequest(Encoding.UTF8.GetBytes(ns), id)!;

    public LeaderBench Lead()
    {
        Leadership = new Leadership(machine.AppliedTerm + 1, Time.GetTimestamp(), Options, Time);
        Registry.OnGained(Leadership, machine.LiveRequests);
        return this;
    }

    public void Lose()
    {
        Leadership.End();
        Registry.OnLost(Leadership);
        while (Leadership.Proposals.TryRead(out var late))
        {
            late.OnDropped();
        }
    }

    public Peer Connect(long abandonTimeoutMs = 60_000, string ns = "n")
    {
        var peer = new Peer();
        peer.Session = Sessions.Open(Sessions.Namespaces.Connect(Encoding.UTF8.GetBytes(ns)), abandonTimeoutMs, peer);
        return peer;
    }

    /// <summary>Sends a lock on its way; <see cref="Apply"/> has it applied.</summary>
    public static async Task SendLockAsync(Peer peer, string path = "a", Access access = Access.Write) =>
        Assert.True(await peer.Session.ProposeAsync(new LockProposal(peer.Session, new ResourceSetBuilder().Begin(access).Segment(path).Build())));

    public static async Task SendReleaseAsync(Peer peer) => Assert.True(await peer.Session.ProposeAsync(new ReleaseProposal(peer.Session)));

    public async Task LockAsync(Peer peer, string path = "a", Access access = Access.Write)
    {
        await SendLockAsync(peer, path, access);
        Apply();
    }

    public async Task ReleaseAsync(Peer peer)
    {
        await SendReleaseAsync(peer);
        Apply();
    }

    /// <summary>Applies what was proposed, as the Raft room does; returns how many commands that were.</summary>
    public int Apply()
    {
        var commands = new List<PendingCommand>();
        writer.Begin(nextBatch++, Time.GetUtcNow().ToUnixTimeMilliseconds());
        while (Leadership.Proposals.TryRead(out var command))
        {
            commands.Add(command);
            command.WriteTo(writer);
        }

        if (commands.Count == 0)
        {
            return 0;
        }

        Assert.Equal(ApplyOutcome.Applied, machine.Apply(writer.Complete().Span, machine.AppliedIndex + 1, Leadership.Term, events));
        for (var i = 0; i < events.Count; i++)
        {
            ref readonly var happened = ref events[i];
            if (happened.IsReply)
            {
                commands[happened.Ordinal].OnApplied(happened);
            }
            else
            {
                Registry.OnGrant(happened.Request!);
            }
        }

        return commands.Count;
    }

    /// <summary>Waits until something is proposed, and applies it.</summary>
    public async Task ApplyNextAsync()
    {
        Assert.True(await Leadership.Proposals.WaitToReadAsync().AsTask().WaitAsync(Patience));
        Apply();
    }

    public void Advance(double ms) => Time.Advance(TimeSpan.FromMilliseconds(ms));
}

internal sealed class Peer : ISessionPeer
{
    public Session Session { get; set; } = null!;

    public List<string> Heard { get; } = [];

    public Farewell? Last { get; private set; }

    public void Reply(in SessionReply reply) => Heard.Add($"{reply.Kind} {reply.Id}");

    public void Close(Farewell farewell) => Last ??= farewell;

    public void Abort()
    {
    }
}
