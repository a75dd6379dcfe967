// What happens during a run, noted down by many at once: requests by the clients, faults by the fault injector; printed
// on the console as it comes.
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos;

/// <summary>Notes of a run.</summary>
internal sealed class Recorder
{
    private readonly Lock gate = new();
    private readonly List<Request> requests = [];
    private readonly List<InjectedFault> injectedFaults = [];
    private readonly List<Impairment> impairments = [];
    private readonly List<double> probes = [];
    private readonly List<Attempt> attempts = [];
    private readonly List<Reading> readings = [];
    private readonly List<Revocation> revocations = [];

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

    /// <summary>All faults so far.</summary>
    public InjectedFault[] InjectedFaults
    {
        get
        {
            lock (gate)
            {
                return [.. injectedFaults];
            }
        }
    }

    /// <summary>What the faults so far took away.</summary>
    public Impairment[] Impairments => Copy(impairments);

    /// <summary>When probes were acquired.</summary>
    public double[] Probes => Copy(probes);

    /// <summary>What the clients locked whose answers are checked as a whole.</summary>
    public Attempt[] Attempts => Copy(attempts);

    /// <summary>What was read there.</summary>
    public Reading[] Readings => Copy(readings);

    /// <summary>What was revoked there.</summary>
    public Revocation[] Revocations => Copy(revocations);

    /// <summary>How many requests were acquired so far.</summary>
    public int Grants => Requests.Count(request => request.AcquiredAt is not null);

    public void Add(Request request)
    {
        lock (gate)
        {
            requests.Add(request);
        }
    }

    public void Add(Impairment impairment) => Add(impairments, impairment);

    public void AddProbe(double grantedAt) => Add(probes, grantedAt);

    public void Add(Attempt attempt) => Add(attempts, attempt);

    public void Add(Reading reading) => Add(readings, reading);

    public void Add(Revocation revocation) => Add(revocations, revocation);

    public void Add(InjectedFault injected)
    {
        lock (gate)
        {
            injectedFaults.Add(injected);
        }

        Say(injected.ToMs, $"{injected}, since {injected.FromMs / 1000:F1} s; {Grants} grants so far");
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (gate)
        {
            return [.. list];
        }
    }

    private void Add<T>(List<T> list, T item)
    {
        lock (gate)
        {
            list.Add(item);
        }
    }

    /// <summary>Prints progress.</summary>
    /// <param name="atMs">The time in the run.</param>
    /// <param name="what">The parts of the line.</param>
    public static void Say(double atMs, params FormattableString[] what) =>
        Console.Error.WriteLine(
            FormattableString.Invariant($"{atMs / 1000,7:F1} s  ")
                + string.Concat(what.Select(FormattableString.Invariant))
        );
}
