// All who work in the namespaces whose answers are checked as a whole, and the probes: clients, readers, an
// administrator, one probe for each node.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Workload;

/// <summary>The clients, readers and revokers of the small namespaces.</summary>
internal sealed class QueueWork(ICluster cluster, Recorder recorder, Clock clock, int seed) : IDisposable
{
    // Clients of other kinds have the numbers below.
    private const int FirstNumber = 1_000;

    private readonly QueueBoard board = new();
    private readonly List<IDisposable> readers = [];

    /// <summary>Works until told to stop.</summary>
    public Task RunAsync(CancellationToken stop)
    {
        var all = new List<Task>();
        for (var i = 0; i < QueueMix.AllNamespaces.Count * QueueMix.ClientsEach; i++)
        {
            var client = new QueueClient(
                FirstNumber + i,
                cluster,
                unchecked(seed + FirstNumber + i),
                clock,
                board,
                recorder.Add
            );
            all.Add(Task.Run(() => client.RunAsync(stop), CancellationToken.None));
        }

        foreach (var ns in QueueMix.AllNamespaces)
        {
            var reader = new QueueReader(ns, cluster, unchecked(seed - all.Count), clock, board, recorder.Add);
            readers.Add(reader);
            all.Add(Task.Run(() => reader.RunAsync(stop), CancellationToken.None));
        }

        if (cluster.AdminToken is { } token)
        {
            var revoker = new QueueRevoker(cluster, token, seed, clock, board, recorder.Add);
            readers.Add(revoker);
            all.Add(Task.Run(() => revoker.RunAsync(stop), CancellationToken.None));
        }

        foreach (var node in cluster.Nodes)
        {
            var prober = new Prober(node, clock, recorder.AddProbe);
            all.Add(Task.Run(() => prober.RunAsync(stop), CancellationToken.None));
        }

        return Task.WhenAll(all);
    }

    /// <inheritdoc/>
    public void Dispose() => readers.ForEach(reader => reader.Dispose());
}
