// A command on its way, and what became of it.
using System.Diagnostics;
using System.Text;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.ManyClusters.World;

/// <summary>What became of a command.</summary>
internal enum Fate
{
    /// <summary>Nobody has said yet.</summary>
    Open,

    /// <summary>It was applied, and this was told.</summary>
    Applied,

    /// <summary>Nobody knows.</summary>
    OutcomeUnknown,

    /// <summary>It was never proposed.</summary>
    Dropped,
}

/// <summary>A lock, a release or an abandon.</summary>
internal abstract class Proposal : PendingCommand
{
    /// <summary>The namespace that everything here happens in.</summary>
    public static readonly ReadOnlyMemory<byte> Namespace = Encoding.UTF8.GetBytes("ns");

    private readonly TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int timesTold;

    /// <summary>Whose it is.</summary>
    public UInt128 Session { get; init; }

    /// <summary>The request: of a lock when it is known, of the others from the start.</summary>
    public ulong Id { get; protected set; }

    /// <summary>Whether it is a lock.</summary>
    public virtual bool IsLock => false;

    /// <summary>What became of it.</summary>
    public Fate Fate { get; private set; }

    /// <summary>The event that was told.</summary>
    public EventKind Told { get; private set; }

    /// <summary>How often somebody told what became of it.</summary>
    public int TimesTold => Volatile.Read(ref timesTold);

    /// <summary>When it was given to somebody, in ticks.</summary>
    public long SentAt { get; private set; }

    /// <summary>When its fate was told, in ticks.</summary>
    public long ToldAt { get; private set; }

    /// <summary>Whom it was given.</summary>
    public string To { get; set; } = "";

    /// <summary>Whether the process that it was given runs on: one that was killed tells nobody anything.</summary>
    public Func<bool> IsToRunning { get; set; } = static () => false;

    /// <summary>Completes when its fate is known.</summary>
    public Task Known => told.Task;

    /// <summary>It is about to be given to somebody.</summary>
    public void Send() => SentAt = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply)
    {
        Told = reply.Kind;
        if (reply.Id != 0 && IsLock)
        {
            Id = reply.Id;
        }

        Tell(Fate.Applied);
    }

    /// <inheritdoc/>
    public override void OnOutcomeUnknown() => Tell(Fate.OutcomeUnknown);

    /// <inheritdoc/>
    public override void OnDropped() => Tell(Fate.Dropped);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{GetType().Name} of session {Session}, id {Id}, given to {To}: {Fate} {(Fate == Fate.Applied ? Told : "")}";

    private void Tell(Fate fate)
    {
        if (Interlocked.Increment(ref timesTold) == 1)
        {
            ToldAt = Stopwatch.GetTimestamp();
            Fate = fate;
        }

        told.TrySetResult();
    }
}

/// <summary>Locks a path.</summary>
internal sealed class LockProposal(string[] path, bool writes) : Proposal
{
    public override bool IsLock => true;

    public override void WriteTo(EntryWriter writer)
    {
        var resources = new ResourceSetBuilder().Begin(writes ? Access.Write : Access.Read);
        foreach (var segment in path)
        {
            resources.Segment(segment);
        }

        writer.Add(
            new LockCommand(Namespace, new SessionId(Session, Resumable: false), default, resources.Build(), 1000)
        );
    }
}

/// <summary>Releases what a session has, or waits for.</summary>
internal sealed class ReleaseProposal : Proposal
{
    public ReleaseProposal(LockProposal locked) => (Session, Id) = (locked.Session, locked.Id);

    public override void WriteTo(EntryWriter writer) =>
        writer.Add(new ReleaseCommand(Namespace, new SessionId(Session, Resumable: false), default));
}

/// <summary>Ends a request of which nobody knows any more whose it is.</summary>
internal sealed class AbandonProposal : Proposal
{
    public AbandonProposal(ulong id) => Id = id;

    public override void WriteTo(EntryWriter writer) => writer.Add(new AbandonCommand(Namespace, Id));
}
