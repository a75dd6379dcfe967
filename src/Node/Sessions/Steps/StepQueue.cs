// The lock of a session, and the order of what its steps bring about. A step is made under the lock; its effects are
// carried out when the lock is let go, in the order of the steps: by the thread that made the step, or, if another
// thread is still carrying out the effects of earlier ones, by that. All connections that resume one another share a
// queue, so what an old one is sent comes before what its successor is sent.
using System.Diagnostics;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Steps;

/// <summary>
/// Makes the steps of a session one after the other, and has their effects carried out in that order.
/// </summary>
internal sealed class StepQueue(EffectExecutor executor)
{
    private readonly OrderedLock gate = new(LockRank.Session);
    private EffectList? waiting;
    private TaskCompletionSource? change;
    private bool isBusy;

    /// <summary>Takes the lock for a look that has no effects.</summary>
    public OrderedLock.Scope Enter() => gate.Enter();

    /// <summary>Begins a step; it ends, and its effects are carried out, when it is disposed.</summary>
    public Step Begin() => new(this);

    /// <summary>Completes when something has changed; to be asked for within a step.</summary>
    public Task NextChange()
    {
        change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return change.Task;
    }

    // Under the lock. True if the caller is to carry out the effects.
    private bool Publish(EffectList effects)
    {
        if (effects.HasChange && change is { } awaited)
        {
            change = null;
            effects.Wake(awaited);
        }

        if (effects.Count == 0)
        {
            return false;
        }

        if (!isBusy)
        {
            return isBusy = true;
        }

        waiting ??= new EffectList();
        waiting.AddAll(effects);
        return false;
    }

    private void CarryOut(EffectList first)
    {
        var effects = first;
        try
        {
            while (effects is not null)
            {
                for (var i = 0; i < effects.Count; i++)
                {
                    executor.Execute(effects[i]);
                }

                effects = TakeWaiting();
            }
        }
        catch
        {
            // The node is about to end; until then nobody else is to be held up.
            using (gate.Enter())
            {
                isBusy = false;
            }

            throw;
        }
    }

    private EffectList? TakeWaiting()
    {
        using (gate.Enter())
        {
            var taken = waiting;
            waiting = null;
            isBusy = taken is not null;
            return taken;
        }
    }

    /// <summary>A step that is being made: the session's lock is held.</summary>
    internal readonly ref struct Step
    {
        private readonly StepQueue queue;
        private readonly OrderedLock.Scope scope;

        public Step(StepQueue queue)
        {
            this.queue = queue;
            Effects = EffectList.Rent();
            scope = queue.gate.Enter();
        }

        /// <summary>The effects of the step.</summary>
        public EffectList Effects { get; }

        /// <summary>Lets the lock go, and has the effects carried out.</summary>
        public void Dispose()
        {
            var isOurs = queue.Publish(Effects);
            scope.Dispose();
            if (isOurs)
            {
                queue.CarryOut(Effects);
            }

            Effects.Return();
        }
    }
}

/// <summary>Carries out the effects of the sessions of one leadership.</summary>
internal sealed class EffectExecutor(LeaderSessions home)
{
    /// <summary>Carries one out.</summary>
    public void Execute(in SessionEffect effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.SendReply:
                ((ISessionConnection)effect.Target).Reply(effect.Reply);
                break;
            case EffectKind.CloseConnection:
                ((ISessionConnection)effect.Target).Close((CloseReason)effect.About!);
                break;
            case EffectKind.SetDeadline:
                home.Deadlines.Add((ScheduledCommand)effect.Target);
                break;
            case EffectKind.CancelDeadline:
                home.Deadlines.Cancel((ScheduledCommand)effect.Target);
                break;
            case EffectKind.RequestBegun:
                ((NamespaceUse)effect.Target).Exists = true;
                home.AddLive(1);
                break;
            case EffectKind.WaitBegun:
                ((NamespaceUse)effect.Target).AddWaiting(1);
                break;
            case EffectKind.WaitEnded:
                ((NamespaceUse)effect.Target).AddWaiting(-1);
                break;
            case EffectKind.RequestEnded:
                home.OnLeft((LockRequest)effect.Target, effect.Termination);
                break;
            case EffectKind.RememberTermination:
                home.Terminations.Set(((Session)effect.Target).Id, effect.Termination);
                break;
            case EffectKind.WatchPosition:
                home.Positions.Add((SessionChannel)effect.Target, (LockRequest)effect.About!);
                break;
            case EffectKind.RepeatRevocation:
                RepeatRevocation((Session)effect.Target, (LockRequest)effect.About!);
                break;
            case EffectKind.EndTrace:
                LockTrace.EndWait((Activity)effect.Target, (string)effect.About!);
                break;
            case EffectKind.Wake:
                ((TaskCompletionSource)effect.Target).TrySetResult();
                break;
            case EffectKind.ForgetSession:
                home.Forget((Session)effect.Target);
                break;
            default:
                throw new UnreachableException($"An effect of the kind {effect.Kind}.");
        }
    }

    // Another step, whose effects follow those of the one that asked for it.
    private void RepeatRevocation(Session session, LockRequest request)
    {
        if (home.Revocations.Find(request, out var reason, out var leftMs))
        {
            session.Revoking(request, reason, leftMs);
        }
    }
}
