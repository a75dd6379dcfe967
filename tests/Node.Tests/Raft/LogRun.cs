// Plays a schedule against a durable log and, beside it, against a list.
using System.Buffers;
using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

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

    /// <summary>The power fails while a tail is replaced: nothing of the new one is on disk, or some.</summary>
    CrashWhileReplacing,

    /// <summary>The power fails, and the mark of the log's end lags.</summary>
    ForgetfulRestart,
}

public sealed record LogStep(LogStepKind Kind, int A, int B);

internal sealed class LogRun(long snapshotEveryBytes)
{
    private static readonly byte[] MemberIdBytes = [.. Enumerable.Range(1, 28).Select(i => (byte)i)];

    // What was sent, by index less one; nothing is ever taken from its front.
    private readonly List<(byte[] Content, long Term)> model = [];
    private LogFixture fixture = LogFixture.New(snapshotEveryBytes, segmentBytes: 12 << 10);
    private long committed;
    private long term = 1;
    private int made;
    private string doing = "";

    public async Task PlayAsync(LogStep[] schedule)
    {
        try
        {
            for (var i = 0; i < schedule.Length; i++)
            {
                doing = $"step {i}, {schedule[i]}";
                await StepAsync(schedule[i]);
                await CheckAsync();
            }

            doing = "the last restart";

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
                await CrashWhileReplacingAsync((int)committed + (step.A % (int)(model.Count - committed)), step.B);
                break;
            case LogStepKind.Install:
                await InstallAsync(step);
                break;
            case LogStepKind.ForgetfulRestart:
                fixture = await fixture.ReopenAsync(
                    snapshotEveryBytes,
                    closed => closed.MarkEnd(step.A * model.Count / 1000)
                );
                break;
            case LogStepKind.Restart:
                fixture = await fixture.ReopenAsync(snapshotEveryBytes);
                break;
        }
    }

    private async Task CrashWhileReplacingAsync(int cut, int b)
    {
        // What this node led with may not be on disk yet, and then would not come back.
        await fixture.ReceiveAsync(model.Count + 1);
        term++;
        if (b % 3 == 0)
        {
            // Nothing of the new tail is there: the old one is, or has gone already.
            fixture.Entries.TruncateSuffix(cut + 1);
            fixture = await fixture.ReopenAsync(snapshotEveryBytes);
            Assert.True(
                fixture.Log.LastEntryIndex == cut || fixture.Log.LastEntryIndex == model.Count,
                $"{fixture.Log.LastEntryIndex} entries after a cut at {cut} of {model.Count}"
            );
            model.RemoveRange((int)fixture.Log.LastEntryIndex, model.Count - (int)fixture.Log.LastEntryIndex);
            return;
        }

        await SendAsync(cut, 1 + (b % 7), b);
        fixture = await fixture.ReopenAsync(
            snapshotEveryBytes,
            closed =>
            {
                closed.MarkEnd(cut);
                var newest = closed.SegmentFiles()[^1];
                var from =
                    SegmentFormat.HeaderBytes + (b * (LogFixture.UsedBytes(newest) - SegmentFormat.HeaderBytes) / 1000);
                LogFixture.Tear(newest, from, b % 3 == 1 ? 16 : int.MaxValue);
            }
        );

        var last = (int)fixture.Log.LastEntryIndex;
        Assert.InRange(last, cut, model.Count);
        model.RemoveRange(last, model.Count - last);
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
    }

    private async Task CommitAsync(long index)
    {
        committed = index;
        await fixture.State.CommitAsync(committed);
        await fixture.Log.WaitForApplyAsync(committed, CancellationToken.None);
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
        var file = new SnapshotStore(OsFileSystem.Instance, directory.FullName, NullLogger.Instance).Save(
            machine.Freeze()
        );
        await fixture.State.AppendAsync(file, last);
        directory.Delete(recursive: true);
        committed = last;
    }

    private List<(byte[] Content, long Term)> Make(int count, int size) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => (LogFixture.LockEntry(++made, padding: size * (i + 1) % 2_000), term)),
        ];

    private async Task CheckAsync()
    {
        Assert.Empty(fixture.Fatal);
        Assert.True(
            model.Count == fixture.Log.LastEntryIndex,
            $"{fixture.Log.LastEntryIndex} entries instead of {model.Count} after {doing}"
        );
        await fixture.Snapshots.FinishAsync();
        var snapshot = fixture.Snapshots.Newest?.Index ?? 0;
        if (snapshot < model.Count)
        {
            var found = await fixture.State.ReadAsync(
                new Contents(),
                snapshot + 1,
                model.Count,
                CancellationToken.None
            );
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
        public async ValueTask<List<(byte[] Content, long Term)>> ReadAsync<TEntry, TList>(
            TList entries,
            long? snapshotIndex,
            CancellationToken token
        )
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
