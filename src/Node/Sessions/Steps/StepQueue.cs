// The lock of a session, and the order of what its steps bring about. A step is made under the lock; its effects are
// carried out when the lock is let go, in the order of the steps: by the thread that made the step, or, if another
// thread is still carrying out the effects of earlier ones, by that. All connections that resume one another share a
// queue, so what an old one is told comes before what its successor is told.
using RaftLocks.Node.Foundation;

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

        /// <summary>What is to be done because of it.</summary>
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
