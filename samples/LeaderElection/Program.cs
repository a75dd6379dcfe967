// A leader election: whoever holds the lock leads. The others wait in line, and the next one leads as soon as the leader goes.
// Two things make it safe: the work stops when held.Lost fires, and every write carries the term, so that the world can refuse an old leader.
using System.Runtime.InteropServices;
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

var name = args is [var given, ..] ? given : $"candidate-{Environment.ProcessId}";
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

await using var locks = new RaftLocksClient(new RaftLocksOptions
{
    Nodes = [.. (Environment.GetEnvironmentVariable("RAFTLOCKS_NODES") ?? "http://127.0.0.1:9009").Split(',').Select(node => new Uri(node))],
    Namespace = "samples",
    AbandonTimeout = TimeSpan.FromSeconds(5), // how long the others wait for a leader that is gone without a word
    Label = name,
});
try
{
    while (true)
    {
        Console.WriteLine($"{name} is a candidate");
        await using var leadership = await locks.AcquireAsync([Write("election", "leader")], cancellationToken: stop.Token);
        Console.WriteLine($"{name} leads in term {leadership.FencingToken}");
        await LeadAsync(leadership);
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine($"{name} goes");
}

async Task LeadAsync(HeldLock leadership)
{
    using var over = CancellationTokenSource.CreateLinkedTokenSource(leadership.Lost, stop.Token);
    try
    {
        while (!leadership.IsLost)
        {
            // Here the leader does what only one may do, and gives leadership.FencingToken along with it.
            await Task.Delay(TimeSpan.FromSeconds(1), over.Token);
        }
    }
    catch (OperationCanceledException) when (leadership.Lost.IsCancellationRequested)
    {
        Console.WriteLine($"{name} leads no longer: {leadership.LossReason}");
    }
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
