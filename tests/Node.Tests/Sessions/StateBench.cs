// States of sessions whose steps a test makes by itself, one at a time, and whose effects are looked at instead of
// being carried out.
using System.Globalization;
using System.Text;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Steps;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

internal sealed class StateBench
{
    private readonly LeaderBench leader = new LeaderBench().Lead();
    private readonly LockStateMachine machine = new();
    private readonly EntryWriter writer = new();
    private readonly EventList events = new();
    private readonly EffectList effects = new();

    public StateBench()
    {
        Apply(to => to.Add(new RaiseFeatureLevelCommand(Versions.SupportedFeatureLevel)));
    }

    /// <summary>A session of a connection that knows protocol v1 only.</summary>
    public SessionState Plain(string name = "c1", long abandonTimeoutMs = 60_000) => Open(name, abandonTimeoutMs, null);

    /// <summary>A session with a token: the same one for all of the same name.</summary>
    public SessionState WithToken(string name = "c1", string token = "t", bool hearsProgress = false) =>
        Open(
            name,
            60_000,
            new SessionTraits(
                SessionToken.ToId("n"u8, Encoding.UTF8.GetBytes(token)),
                IsExtended: true,
                HearsProgress: hearsProgress
            )
        );

    /// <summary>What comes of a lock.</summary>
    public LockEvent Lock(SessionState of, long waitLimitMs = -1, string path = "a", long abandonTimeoutMs = 60_000) =>
        Apply(to =>
            to.Add(
                new LockCommand(
                    "n"u8.ToArray(),
                    of.Main.Session.Id,
                    default,
                    new ResourceSetBuilder().Begin(Access.Write).Segment(path).Build(),
                    abandonTimeoutMs,
                    waitLimitMs,
                    default,
                    default
                )
            )
        );

    /// <summary>What comes of a release.</summary>
    public LockEvent Release(SessionState of) =>
        Apply(to => to.Add(new ReleaseCommand("n"u8.ToArray(), of.Main.Session.Id, default)));

    /// <summary>A session sends a lock, which is applied at a time.</summary>
    public string[] Locked(SessionState of, long waitLimitMs = -1, long now = 0)
    {
        Assert.True(of.CommandSent(LockCommandOf(of)));
        return Step(to => of.CommandApplied(of.Main, Lock(of, waitLimitMs), null, now, to));
    }

    public static SessionCommand LockCommandOf(SessionState of) =>
        new LockProposal(of.Main, new ResourceSetBuilder().Begin(Access.Write).Segment("a").Build());

    /// <summary>The effects of a step, in words.</summary>
    public string[] Step(Action<EffectList> step)
    {
        effects.Clear();
        step(effects);
        return [.. Enumerable.Range(0, effects.Count).Select(i => Describe(effects[i]))];
    }

    /// <summary>Whether the last step is something that others wait for.</summary>
    public bool WasChange => effects.HasChange;

    private static string Describe(in SessionEffect effect) =>
        effect.Kind switch
        {
            EffectKind.SendReply => $"tell {effect.Target} {Text(effect.Reply)}",
            EffectKind.CloseConnection =>
                $"close {effect.Target} {((CloseReason)effect.About!).Code.ToString(CultureInfo.InvariantCulture)}",
            EffectKind.SetDeadline => $"{When(((ScheduledCommand)effect.Target).Deadline)} {Command(effect)}",
            EffectKind.CancelDeadline => $"cancel {Command(effect)}",
            EffectKind.RequestEnded => $"ended {((LockRequest)effect.Target).Id} {effect.Termination}",
            EffectKind.RememberTermination => $"remember {effect.Termination}",
            EffectKind.WatchPosition or EffectKind.RepeatRevocation =>
                $"{effect.Kind} {((LockRequest)effect.About!).Id}",
            _ => effect.Kind.ToString(),
        };

    private static string Text(in SessionReply reply) =>
        reply.IsWhole ? Encoding.UTF8.GetString(reply.Text!) : $"{reply.Kind} {reply.Id}";

    private static string When(Deadline deadline) =>
        deadline == Deadline.Now ? "now" : $"at {deadline.Since} + {deadline.AfterMs} ms";

    private static string Command(in SessionEffect effect) =>
        effect.Target switch
        {
            AbandonProposal => "abandon",
            TimeoutProposal => "timeout",
            _ => "revoke",
        };

    private SessionState Open(string name, long abandonTimeoutMs, SessionTraits? traits)
    {
        var use = leader.Sessions.Namespaces.Get("n"u8.ToArray());
        var id = traits?.Resumable ?? new SessionId((UInt128)name.GetHashCode(StringComparison.Ordinal), false);
        return new Session(id, use, abandonTimeoutMs, leader.Sessions, new NamedConnection(name), traits).State;
    }

    private LockEvent Apply(Action<EntryWriter> add)
    {
        writer.Begin((UInt128)machine.AppliedIndex + 1, 1);
        add(writer);
        Assert.Equal(
            ApplyOutcome.Applied,
            machine.Apply(writer.Complete().Span, machine.AppliedIndex + 1, term: 1, events)
        );
        return events[0];
    }

    private sealed class NamedConnection(string name) : ISessionConnection
    {
        public void Reply(in SessionReply reply) { }

        public void Close(CloseReason why) { }

        public void Abort() { }

        public override string ToString() => name;
    }
}
