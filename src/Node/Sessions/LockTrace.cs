// A lock's span in the trace of the client that asked for it: from when its message was read until it is acquired,
// refused or given up. Only clients that say traceparent are traced, and only while somebody listens; nobody else pays
// more than a look at a flag.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

/// <summary>Begins and ends spans.</summary>
internal static class LockTrace
{
    /// <summary>The outcome of a lock that is acquired.</summary>
    public const string Acquired = "acquired";

    private static readonly ActivitySource Source = new(TelemetryNames.Source);

    /// <summary>Whether somebody listens.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Begins a span as a part of what the client does; null if it is not traced.</summary>
    /// <param name="ofLock">What the lock's message says; empty if nothing.</param>
    /// <param name="ofConnection">What the handshake said.</param>
    public static Activity? Begin(ReadOnlySpan<byte> ofLock, string? ofConnection)
    {
        var said = ofLock.IsEmpty ? ofConnection : Encoding.UTF8.GetString(ofLock);
        if (said is null || !ActivityContext.TryParse(said, null, isRemote: true, out var parent))
        {
            return null;
        }

        // Whatever else goes on in this connection is no part of it.
        var before = Activity.Current;
        var span = Source.StartActivity("raftlocks.lock", ActivityKind.Server, parent);
        Activity.Current = before;
        return span;
    }

    /// <summary>The lock's command was applied: true if its span goes on, because it waits.</summary>
    public static bool Applied(Activity span, in LockEvent happened)
    {
        if (happened.Kind == EventKind.Enqueued)
        {
            span.SetTag("raftlocks.id", happened.Id.ToString(CultureInfo.InvariantCulture));
            span.AddEvent(new ActivityEvent("enqueued"));
            return true;
        }

        if (happened.Kind == EventKind.Acquired)
        {
            span.SetTag("raftlocks.id", happened.Id.ToString(CultureInfo.InvariantCulture));
            span.SetTag("raftlocks.waited", false);
            End(span, Acquired);
        }
        else
        {
            End(span, "refused");
        }

        return false;
    }

    /// <summary>The wait of a lock ends, with the lock or without.</summary>
    public static void EndWait(Activity span, string outcome)
    {
        if (outcome == Acquired)
        {
            span.SetTag("raftlocks.waited", true);
        }

        End(span, outcome);
    }

    /// <summary>The command of a lock ends without a lock, or with one.</summary>
    public static void End(Activity? span, string outcome)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag("raftlocks.outcome", outcome);
        if (outcome != Acquired)
        {
            span.SetStatus(ActivityStatusCode.Error, outcome);
        }

        span.Stop();
    }
}
