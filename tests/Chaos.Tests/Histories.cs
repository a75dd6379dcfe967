// Requests as clients would have written them down, for tests of checkers.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Tests;

internal static class Histories
{
    public static readonly Resource[] WriteA = [new(Write: true, ["a"])];
    public static readonly Resource[] WriteAB = [new(Write: true, ["a", "b"])];
    public static readonly Resource[] ReadA = [new(Write: false, ["a"])];
    public static readonly Resource[] WriteB = [new(Write: true, ["b"])];

    /// <summary>Granted, then released; confirmed if <paramref name="released"/> is not null.</summary>
    public static Request Held(
        ulong id,
        Resource[] resources,
        double sent,
        double acquired,
        double ended,
        double? released,
        long timeout = 0,
        string ns = "ns"
    ) =>
        new()
        {
            Client = (int)id,
            Namespace = ns,
            Resources = resources,
            AbandonTimeoutMs = timeout,
            SentAt = sent,
            Id = id,
            SeenAt = sent + 0.5,
            AcquiredAt = acquired,
            EndedAt = ended,
            Ending = Ending.Release,
            ReleasedAt = released,
        };

    /// <summary>Granted; then its connection was lost.</summary>
    public static Request Lost(ulong id, Resource[] resources, double sent, double acquired, double ended, long timeout)
    {
        var request = Held(id, resources, sent, acquired, ended, released: null, timeout);
        request.Ending = Ending.Broken;
        return request;
    }

    /// <summary>Enqueued, and never granted until it gave up, if it did.</summary>
    public static Request Waiting(ulong id, Resource[] resources, double sent, double? ended) =>
        new()
        {
            Client = (int)id,
            Namespace = "ns",
            Resources = resources,
            AbandonTimeoutMs = 0,
            SentAt = sent,
            Id = id,
            SeenAt = sent + 0.5,
            EndedAt = ended,
            Ending = ended is null ? Ending.None : Ending.Vanish,
        };

    /// <summary>Sent, and never answered.</summary>
    public static Request Unanswered(Resource[] resources, double sent, double ended, long timeout) =>
        new()
        {
            Client = 0,
            Namespace = "ns",
            Resources = resources,
            AbandonTimeoutMs = timeout,
            SentAt = sent,
            EndedAt = ended,
            Ending = Ending.Broken,
        };
}
