// Plays a schedule against a durable log and, beside it, against a list.
using System.Buffers;
using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Tests.Raft;

public enum LogStepKind
{
    /// <summary>A leader sends new entries.</summary>
    Append,

    /// <summary>This node leads and appends, and nobody waits for the flush.</summary>
    Lead,

    /// <summary>A new leader replaces a part of the tail that isn't committed.</summary>
    Overwrite,

    /// <summary>An exchange comes a second time.</summary>
    Duplicate,

    /// <summary>Some more is committed.</summary>
    Commit,

    /// <summary>A leader sends a snapshot.</summary>
    Install,

    /// <summary>The node restarts.</summary>
    Restart,

    /// <summary>The power fails after the new part of a replaced tail is on disk and before the checkpoint is.</summary>
    CrashWhileReplacing,

    /// <summary>The node restarts with a checkpoint that has forgotten some of the entries.</summary>
    ForgetfulRestart,
}

public sealed record LogStep(LogStepKind Kind, int A, int B);

internal sealed class LogRun(long snapshotEveryBytes)
{
    private static readonly byte[] MemberIdBytes = [.. Enumerable.Range(1, 28).Select(i => (byte)i)];

    // What was sent, by index less one; nothing is ever taken from its front.
    private readonly List<(byte[] Content, long Term)> model = [];
    private LogFixture fixture = LogFixture.New(snapshotEveryBytes);
    private long committed;
    private long term = 1;
    private int made;

    public async Task PlayAsync(LogStep[] schedule)
    {
        try
        {
            foreach (var step in schedule)
            {
                await StepAsync(step);
                await CheckAsync();
            }

            fixture = await fixture.ReopenAsync(snapshotEveryBytes);
            await CheckAsync();
        }
        finally
        {
            await fixture.DisposeAsync();
        }
    }

    private async Task StepAsync(LogStep step)
    {
        switch (step.Kind)
        {
            case LogStepKind.Append:
                await SendAsync(model.Count, 1 + (step.A % 5), step.B);
                break;
            case LogStepKind.Lead:
                await LeadAsync(1 + (step.A % 3), step.B);
                break;
            case LogStepKind.Overwrite when model.Count > committed:
                term++;
                await SendAsync((int)committed + (step.A % (int)(model.Count - committed)), 1 + (step.B % 3), step.B);
                break;
            case LogStepKind.Duplicate when model.Count > 0:
                var from = step.A % model.Count;
                await fixture.ReceiveAsync(from + 1, [.. model.Skip(from).Take(1 + (step.B % 6))]);
                break;
            case LogStepKind.Commit when model.Count > committed:
                await CommitAsync(committed + 1 + (step.A % (model.Count - committed)));
                break;
            case LogStepKind.CrashWhileReplacing when model.Count > committed:
                term++;
                var cut = (int)committed + (step.A % (int)(model.Count - committed));
                fixture = await fixture.ReopenWithOldCheckpointAsync(cut + 1, () => SendAsync(cut, 1 + (step.B % 7), step.B), snapshotEveryBytes);
                model.RemoveRange(cut, model.Count - cut);
                break;
            case LogStepKind.Install:
                await InstallAsync(step);
                break;
            case LogStepKind.ForgetfulRestart:
                fixture = await fixture.ReopenWithCheckpointAtAsync(step.A * model.Count / 1000, snapshotEveryBytes);
                break;
            case LogStepKind.Restart:
                fixture = await fixture.ReopenAsync(snapshotEveryBytes);
                break;
        }
    }

    private async Task SendAsync(int at, int count, int size)
    {
        model.RemoveRange(at, model.Count - at);
        model.AddRange(Make(count, size));
        await fixture.ReceiveAsync(at + 1, [.. model.Skip(at)]);
    }

    private async Task LeadAsync(int count, int size)
    {
        await fixture.State.UpdateTermAsync(term, resetLastVote: true);
        term = await fixture.State.IncrementTermAsync(new ClusterMemberId(MemberIdBytes));
        foreach (var (content, own) in Make(count, size))
        {
            model.Add((content, own));
            await fixture.State.AppendAsync(new BinaryLogEntry { Content = content, Term = own });
        }

        if (fixture.HasCutMark)
        {
            // What a leader appends behind a mark counts from its commit on: until then nobody was told that this node has it.
            await CommitAsync(model.Count);
        }
    }

    private async Task CommitAsync(long index)
    {
        committed = index;
        await fixture.State.CommitAsync(committed);
        await fixture.Log.WaitForApplyAsync(committed);
        Assert.False(fixture.HasCutMark);
    }

    /// <summary>What a leader has that is ahead of this node, or knows more of it as committed.</summary>
    private async Task InstallAsync(LogStep step)
    {
        var last = committed + 1 + (step.A % 20);
        if (last > model.Count || step.B % 2 == 0)
        {
            // The leader's log differs from ours after what is committed.
            term++;
            model.RemoveRange((int)committed, model.Count - (int)committed);
            model.AddRange(Make((int)(last - committed), step.B));
        }

        var machine = new LockStateMachine();
        var events = new EventList();
        for (var i = 0; i < last; i++)
        {
            Assert.Equal(ApplyOutcome.Applied, machine.Apply(model[i].Content, i + 1, model[i].Term, events));
        }

        var directory = Directory.CreateTempSubdirectory("raftlocks-");
        var file = new SnapshotStore(directory.FullName, NullLogger.Instance).Save(machine.Freeze());
        await fixture.State.AppendAsync(file, last);
        directory.Delete(recursive: true);
        committed = last;
    }

    private List<(byte[] Content, long Term)> Make(int count, int size) =>
        [.. Enumerable.Range(0, count).Select(i => (LogFixture.LockEntry(++made, padding: size * (i + 1) % 2_000), term))];

    private async Task CheckAsync()
    {
        Assert.Empty(fixture.Fatal);
        Assert.Equal(model.Count, fixture.Log.LastEntryIndex);
        await fixture.Locks.FinishSnapshotAsync();
        var snapshot = fixture.Locks.Snapshot?.Index ?? 0;
        if (snapshot < model.Count)
        {
            var found = await fixture.State.ReadAsync(new Contents(), snapshot + 1, model.Count, CancellationToken.None);
            for (var i = 0; i < found.Count; i++)
            {
                var (content, own) = model[(int)snapshot + i];
                Assert.Equal((snapshot + i + 1, own), (snapshot + i + 1, found[i].Term));
                Assert.Equal(content, found[i].Content);
            }
        }
    }

    private sealed class Contents : ILogEntryConsumer<IRaftLogEntry, List<(byte[] Content, long Term)>>
    {
        public async ValueTask<List<(byte[] Content, long Term)>> ReadAsync<TEntry, TList>(TList entries, long? snapshotIndex, CancellationToken token)
            where TEntry : IRaftLogEntry
            where TList : IReadOnlyList<TEntry>
        {
            var found = new List<(byte[] Content, long Term)>();
            for (var i = 0; i < entries.Count; i++)
            {
                found.Add((await entries[i].ToByteArrayAsync(token: token), entries[i].Term));
            }

            return found;
        }
    }
}
