// What the state takes: memory for each live request and each empty namespace, and the pause of freezing a million.
using System.Buffers;
using System.Diagnostics;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Micro;

internal static class Sizes
{
    private const int Live = 1_000_000;
    private const int Namespaces = 1 << 17;
    private const double PromisedFreezeMs = 50;
    private const double PromisedNamespaceBytes = 64;

    public static bool Check() => EmptyNamespace() & MillionLive();

    private static bool EmptyNamespace()
    {
        var feed = new Feed();
        var before = Used();
        var nameBytes = 0L;
        for (var i = 0; i < Namespaces; i += Feed.CommandsPerEntry)
        {
            feed.Apply(
                feed.Entry(w =>
                {
                    for (var j = i; j < i + Feed.CommandsPerEntry; j++)
                    {
                        var name = System.Text.Encoding.UTF8.GetBytes(Feed.Name(j));
                        nameBytes += name.Length;
                        var session = feed.NewSession();
                        w.Add(feed.Lock(session, Access.Write, "x") with { Namespace = name });
                        w.Add(new ReleaseCommand(name, session, default));
                    }
                })
            );
        }

        var bytes = (Used() - before - nameBytes) / (double)Namespaces;
        QuickRun.Say(
            $"empty namespace: {bytes:F0} bytes and its name {QuickRun.Verdict(bytes <= PromisedNamespaceBytes)}"
        );
        GC.KeepAlive(feed);
        return bytes <= PromisedNamespaceBytes;
    }

    private static bool MillionLive()
    {
        var feed = new Feed();
        var before = Used();
        feed.Fill(Live, i => ["shop", Feed.Name(i & 1023), Feed.Name(i)]);
        var bytes = (Used() - before) / (double)Live;
        var start = Stopwatch.GetTimestamp();
        var frozen = feed.Machine.Freeze();
        var freezeMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        var snapshot = new ArrayBufferWriter<byte>();
        frozen.WriteTo(snapshot);
        var writeMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        var error = LockStateMachine.Restore(snapshot.WrittenSpan, 0, out var restored);
        var restoreMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (restored is null || restored.Digest != feed.Machine.Digest)
        {
            throw new InvalidOperationException($"The snapshot was not restored: {error}.");
        }

        QuickRun.Say(
            $"{Live} live requests: {bytes:F0} bytes each; freeze {freezeMs:F1} ms ",
            $"{QuickRun.Verdict(freezeMs <= PromisedFreezeMs)}, write {writeMs:F0} ms, ",
            $"{snapshot.WrittenCount / 1e6:F0} MB, restore {restoreMs:F0} ms (wall)"
        );
        return freezeMs <= PromisedFreezeMs;
    }

    private static long Used()
    {
        QuickRun.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
