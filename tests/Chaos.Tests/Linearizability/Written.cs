// Attempts and reads written down by hand.
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Tests.Linearizability;

internal static class Written
{
    /// <summary>Acquired at once.</summary>
    public static Attempt Locked(
        ulong id,
        Resource[] resources,
        double sent,
        double answered,
        double? releaseSent,
        double? released,
        long timeout = 60_000,
        string ns = "ns"
    ) =>
        new()
        {
            Client = (int)id,
            Namespace = ns,
            Resources = resources,
            AbandonTimeoutMs = timeout,
            Ref = $"r{id}",
            SentAt = sent,
            Id = id,
            FirstAnswer = FirstAnswer.Acquired,
            AnsweredAt = answered,
            AcquiredAt = answered,
            ReleaseSentAt = releaseSent,
            ReleasedAt = released,
        };

    /// <summary>Enqueued first.</summary>
    public static Attempt Waited(
        ulong id,
        Resource[] resources,
        double sent,
        double answered,
        double? acquired,
        double? releaseSent,
        double? released,
        long? wait = null
    ) =>
        new()
        {
            Client = (int)id,
            Namespace = "ns",
            Resources = resources,
            AbandonTimeoutMs = 60_000,
            WaitTimeoutMs = wait,
            Ref = $"r{id}",
            SentAt = sent,
            Id = id,
            FirstAnswer = FirstAnswer.Enqueued,
            AnsweredAt = answered,
            AcquiredAt = acquired,
            ReleaseSentAt = releaseSent,
            ReleasedAt = released,
        };

    /// <summary>A try that was refused.</summary>
    public static Attempt Refused(Resource[] resources, double sent, double answered) =>
        new()
        {
            Client = 0,
            Namespace = "ns",
            Resources = resources,
            AbandonTimeoutMs = 0,
            WaitTimeoutMs = 0,
            Ref = "refused",
            SentAt = sent,
            FirstAnswer = FirstAnswer.Busy,
            AnsweredAt = answered,
        };

    /// <summary>Never answered.</summary>
    public static Attempt Unanswered(string mark, Resource[] resources, double sent) =>
        new()
        {
            Client = 0,
            Namespace = "ns",
            Resources = resources,
            AbandonTimeoutMs = 0,
            Ref = mark,
            SentAt = sent,
        };

    public static Look Fence(ulong id, Standing standing, double call, double answer) =>
        new(call, answer, id, standing, Where: "/v1/fence");

    public static Page PageOf(double call, double answer, params (ulong, Standing)[] rows) =>
        new(call, answer, rows, UpTo: null, AtLeast: 0);

    public static Explain ExplainOf(Resource[] resources, double call, double answer, params ulong[] blockers) =>
        new(call, answer, resources, blockers);
}
