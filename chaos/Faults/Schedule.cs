// What is done to the cluster and when: made from the seed alone, before anything runs, so that the same seed plays the same faults again.
namespace RaftLocks.Chaos.Faults;

/// <summary>A way to hurt.</summary>
internal enum FaultKind
{
    /// <summary>kill -9; started again later.</summary>
    Kill,

    /// <summary>SIGTERM; started again when it has ended.</summary>
    Restart,

    /// <summary>SIGSTOP; SIGCONT later.</summary>
    Freeze,
}

/// <summary>One blow.</summary>
/// <param name="AtMs">Since the run began.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Nodes">To which nodes, by number. The leader of that moment is -1.</param>
/// <param name="ForMs">How long until it is undone.</param>
internal sealed record Fault(double AtMs, FaultKind Kind, IReadOnlyList<int> Nodes, double ForMs)
{
    /// <summary>Whoever leads when the blow falls.</summary>
    public const int Leader = -1;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Kind} {string.Join(", ", Nodes.Select(node => node == Leader ? "leader" : $"n{node + 1}"))} for {ForMs / 1000:F1} s";
}

/// <summary>Makes schedules.</summary>
internal static class Schedule
{
    private const double FirstMs = 4_000;

    /// <summary>Blows for the whole run, none of them after its end.</summary>
    public static IReadOnlyList<Fault> Make(int seed, int nodes, double runMs)
    {
        var random = new Random(seed);
        var faults = new List<Fault>();
        for (var at = FirstMs; at < runMs;)
        {
            var kind = (FaultKind)random.Next(3);
            var targets = random.Next(8) switch
            {
                < 4 => [Fault.Leader],
                < 6 => [random.Next(nodes)],
                6 => Enumerable.Range(0, nodes).ToArray(),
                _ => Some(random, nodes),
            };
            var fault = new Fault(at, kind, targets, random.Next(3) == 0 ? random.Next(3_000, 9_000) : random.Next(200, 3_000));
            faults.Add(fault);
            at += fault.ForMs + (random.Next(4) == 0 ? random.Next(50, 1_000) : random.Next(1_500, 7_000));
        }

        return [.. faults.Where(fault => fault.AtMs + fault.ForMs < runMs)];
    }

    private static int[] Some(Random random, int nodes)
    {
        var all = Enumerable.Range(0, nodes).ToArray();
        random.Shuffle(all);
        return all[..random.Next(2, nodes + 1)];
    }
}
