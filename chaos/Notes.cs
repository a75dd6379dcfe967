// What happens during a run, noted down by many at once: requests by the clients, blows by the striker; told on the console as it comes.
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos;

/// <summary>Notes of a run.</summary>
internal sealed class Notes
{
    private readonly Lock gate = new();
    private readonly List<Request> requests = [];
    private readonly List<Blow> blows = [];

    /// <summary>All requests so far.</summary>
    public Request[] Requests
    {
        get
        {
            lock (gate)
            {
                return [.. requests];
            }
        }
    }

    /// <summary>All blows so far.</summary>
    public Blow[] Blows
    {
        get
        {
            lock (gate)
            {
                return [.. blows];
            }
        }
    }

    /// <summary>How many requests were granted so far.</summary>
    public int Grants => Requests.Count(request => request.AcquiredAt is not null);

    public void Add(Request request)
    {
        lock (gate)
        {
            requests.Add(request);
        }
    }

    public void Add(Blow blow)
    {
        lock (gate)
        {
            blows.Add(blow);
        }

        Say(blow.ToMs, $"{blow}, since {blow.FromMs / 1000:F1} s; {Grants} grants so far");
    }

    /// <summary>Shows progress.</summary>
    public static void Say(double atMs, FormattableString what) =>
        Console.Error.WriteLine(FormattableString.Invariant($"{atMs / 1000,7:F1} s  ") + FormattableString.Invariant(what));
}
