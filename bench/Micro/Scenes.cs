// The situations in which a lock's cost must not depend on how much is there already.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Micro;

/// <summary>A situation.</summary>
public enum Scene
{
    /// <summary>Many locks held beneath a parent; a lock on that parent is enqueued and given up.</summary>
    LockOnCrowdedParent,

    /// <summary>Many locks held beneath a parent; a lock beside them is acquired and released.</summary>
    LockBesideCrowd,

    /// <summary>Many wait for one path; another waiter comes and goes at the end of the queue.</summary>
    WaiterComesAndGoes,

    /// <summary>Many wait for one path; a lock beside it is acquired and released.</summary>
    LockBesideQueue,

    /// <summary>
    /// Many wait for one path; the holder releases, the next one gets it, and who released waits again at the end.
    /// </summary>
    QueueMovesOn,

    /// <summary>
    /// One session has many channels that hold a lock each; another of its channels locks and releases.
    /// </summary>
    ManyChannels,
}

internal sealed class SceneRun
{
    private readonly Feed feed = new();
    private readonly byte[][] entries;
    private int next;

    public SceneRun(Scene scene, int present)
    {
        var crowd = scene is Scene.LockOnCrowdedParent or Scene.LockBesideCrowd;

        // Somebody is there also without the crowd where the lock must wait: both sizes do the same work.
        var atLeast = scene is Scene.LockOnCrowdedParent or Scene.WaiterComesAndGoes or Scene.ManyChannels ? 1 : 0;
        var count = scene == Scene.QueueMovesOn ? WholeEntries(present) : Math.Max(present, atLeast);
        var sessions =
            scene == Scene.ManyChannels
                ? feed.FillChannels(count)
                : feed.Fill(count, i => crowd ? ["a", "parent", Feed.Name(i)] : ["a", "queue", "x"]);
        entries = scene switch
        {
            Scene.LockOnCrowdedParent => [feed.Cycles("a", "parent")],
            Scene.LockBesideCrowd => [feed.Cycles("a", "parent", "free")],
            Scene.WaiterComesAndGoes => [feed.Cycles("a", "queue", "x")],
            Scene.LockBesideQueue => [feed.Cycles("a", "queue", "free")],
            Scene.ManyChannels => [feed.ChannelCycles(sessions[0], "a", "queue", "free")],
            _ => feed.Rotations(sessions, "a", "queue", "x"),
        };
        ReadOnlySpan<EventKind> expected = scene switch
        {
            Scene.LockOnCrowdedParent or Scene.WaiterComesAndGoes => [EventKind.Enqueued, EventKind.Released],
            Scene.LockBesideCrowd or Scene.LockBesideQueue or Scene.ManyChannels =>
            [
                EventKind.Acquired,
                EventKind.Released,
            ],
            _ => [EventKind.Released, EventKind.Acquired, EventKind.Enqueued],
        };
        foreach (var entry in entries)
        {
            feed.ApplyExpecting(entry, expected);
        }
    }

    public void Step()
    {
        feed.Apply(entries[next]);
        next = next + 1 == entries.Length ? 0 : next + 1;
    }

    private static int WholeEntries(int present)
    {
        const int Cycles = Feed.CommandsPerEntry / 2;
        return Math.Max(2, (present + Cycles - 1) / Cycles) * Cycles;
    }
}
