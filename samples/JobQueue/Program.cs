// Workers that share a folder of jobs. A job is a file; a worker that gets the lock of one does it, and then renames it to *.done. A job whose
// worker dies is free again when the abandon timeout has passed: it is done at least once, and never by two at the same time.
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

if (args is not [var folder, var name])
{
    Console.Error.WriteLine("usage: JobQueue FOLDER NAME");
    return 2;
}

await using var locks = new RaftLocksClient(new RaftLocksOptions
{
    Nodes = [.. (Environment.GetEnvironmentVariable("RAFTLOCKS_NODES") ?? "http://127.0.0.1:9009").Split(',').Select(node => new Uri(node))],
    Namespace = "samples",
    AbandonTimeout = TimeSpan.FromSeconds(10),
    Label = name,
});
while (Directory.GetFiles(folder, "*.job") is { Length: > 0 } jobs)
{
    var isIdle = true;
    foreach (var job in jobs)
    {
        // Only what is free now: while another worker is busy with this one, there may be others.
        await using var held = await locks.TryAcquireAsync(Write("jobs", Path.GetFileName(job)));
        if (held is not null && File.Exists(job))
        {
            isIdle = false;
            await WorkAsync(job, held);
        }
    }

    if (isIdle)
    {
        // All that is left is being done: wait until one of them is finished, or its worker is gone.
        await using var any = await locks.AcquireAsync(Write("jobs", Path.GetFileName(jobs[0])));
    }
}

Console.WriteLine($"{name} finds nothing more to do");
return 0;

async Task WorkAsync(string job, HeldLock held)
{
    var text = await File.ReadAllTextAsync(job, held.Lost);
    await Task.Delay(TimeSpan.FromMilliseconds(20), held.Lost); // the work: it stops when the lock is lost
    if (!held.IsLost)
    {
        File.Move(job, Path.ChangeExtension(job, ".done"));
        Console.WriteLine($"{name} did {Path.GetFileName(job)}: {text.Trim()}");
    }
}
