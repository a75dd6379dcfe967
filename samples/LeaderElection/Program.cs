// A leader election: the holder of the lock leads. The others wait in the queue, and the next one leads as soon as the
// leader goes. Two things make it safe: the work stops when its token is cancelled, and every write carries the term,
// so that the world can refuse an old leader. A leader that loses the lock, because the cluster was away for too long
// say, is a candidate again.
using System.Runtime.InteropServices;
using RaftLocks.Client;

var name = args is [var given, ..] ? given : $"candidate-{Environment.ProcessId}";
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

await using var locks = new RaftLocksClient(
    new RaftLocksOptions
    {
        Nodes =
        [
            .. (Environment.GetEnvironmentVariable("RAFTLOCKS_NODES") ?? "http://127.0.0.1:9009")
                .Split(',')
                .Select(node => new Uri(node)),
        ],
        Namespace = "samples",
        AbandonTimeout = TimeSpan.FromSeconds(5), // how long the others wait for a leader that is gone without a word
        Label = name,
    }
);
Console.WriteLine($"{name} is a candidate");
await locks.Election("election", "leader").RunAsync(LeadAsync, cancellationToken: stop.Token);
Console.WriteLine($"{name} goes");

async Task LeadAsync(IHeldLock leadership, CancellationToken over)
{
    Console.WriteLine($"{name} leads in term {leadership.FencingToken}");
    try
    {
        while (!leadership.IsLost)
        {
            // Here the leader does what only one may do, and gives leadership.FencingToken along with it.
            await Task.Delay(TimeSpan.FromSeconds(1), over);
        }
    }
    finally
    {
        if (!stop.IsCancellationRequested)
        {
            Console.WriteLine(
                $"{name} leads no longer: {leadership.LossReason ?? leadership.RevocationReason}; it is a "
                    + $"candidate again"
            );
        }
    }
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
