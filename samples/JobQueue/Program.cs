// Workers that share a folder of jobs. A job is a file; a worker that gets the lock of one does it, and then renames it
// to *.done. A job whose worker dies is free again when the abandon timeout has passed: it is done at least once, and
// never by two at the same time. A worker that loses the lock of its job, because the cluster was away for too long
// say, leaves the job to whoever has it next, and goes on with another.
using System.Globalization;
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

if (args is not [var folder, var name, ..])
{
    Console.Error.WriteLine("usage: JobQueue FOLDER NAME [MILLISECONDS-OF-WORK]");
    return 2;
}

var work = TimeSpan.FromMilliseconds(args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20);

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
        AbandonTimeout = TimeSpan.FromSeconds(10),
        Label = name,
    }
);
while (Directory.GetFiles(folder, "*.job") is { Length: > 0 } jobs)
{
    var isIdle = true;
    foreach (var job in jobs)
    {
        // Only what is free now: while another worker is busy with this one, there may be others.
        await using var held = await PatientlyAsync(() => locks.TryAcquireAsync(Write("jobs", Path.GetFileName(job))));
        if (held is not null && File.Exists(job))
        {
            isIdle = false;
            await WorkAsync(job, held);
        }
    }

    if (isIdle)
    {
        // All that is left is being done: wait until one of them is finished, or its worker is gone.
        await using var any = await PatientlyAsync(async () =>
            await locks.AcquireAsync(Write("jobs", Path.GetFileName(jobs[0])))
        );
    }
}

Console.WriteLine($"{name} finds nothing more to do");
return 0;

async Task WorkAsync(string job, IHeldLock held)
{
    try
    {
        Console.WriteLine($"{name} begins {Path.GetFileName(job)}");
        var text = await File.ReadAllTextAsync(job, held.Lost);
        await Task.Delay(work, held.Lost); // the work: it stops when the lock is lost
        if (!held.IsLost)
        {
            File.Move(job, Path.ChangeExtension(job, ".done"));
            Console.WriteLine($"{name} did {Path.GetFileName(job)}: {text.Trim()}");
            return;
        }
    }
    catch (OperationCanceledException) when (held.IsLost)
    {
        // Said below.
    }

    Console.WriteLine($"{name} lost {Path.GetFileName(job)}: {held.LossReason}");
}

// The cluster may be away for a while: that ends no worker.
async Task<IHeldLock?> PatientlyAsync(Func<Task<IHeldLock?>> ask)
{
    while (true)
    {
        try
        {
            return await ask();
        }
        catch (ClusterUnreachableException e)
        {
            Console.WriteLine($"{name} waits: {e.Message}");
        }
    }
}
