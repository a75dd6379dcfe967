// The one way out of the sessions: whatever a step has decided on is done here. Nothing here waits, and nothing here is
// done under a session's lock.
using System.Diagnostics;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Sessions.Steps;

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
                home.Deadlines.Add((ScheduledCommand)effect.Target, effect.Deadline);
                break;
            case EffectKind.CancelDeadline:
                home.Deadlines.Cancel((ScheduledCommand)effect.Target);
                break;
            case EffectKind.Count:
                Count((NamespaceUse)effect.Target, effect.Live, effect.Waiting);
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

    private void Count(NamespaceUse use, int live, int waiting)
    {
        use.Exists = true;
        if (live != 0)
        {
            home.AddLive(live);
        }

        if (waiting != 0)
        {
            use.AddWaiting(waiting);
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
