// A state machine with a journal, without Raft around it: entries are applied, the node restarts, the journal is read
// back.
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Journal;
using RaftLocks.Ledger;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Journal;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Journal;

internal sealed class JournalBench : IAsyncDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("raftlocks-journal-");
    private readonly Lock gate = new();
    private readonly List<byte[]> log = [];
    private readonly EventList events = new();
    private LockStateMachine machine = new();
    private NodeJournal? journal;

    public JournalBench() =>
        Options = new JournalOptions
        {
            Directory = Path.Combine(root.FullName, "journal"),
            Node = "n1",
            KeepFreeBytes = 0,
            RetryAfter = TimeSpan.FromMilliseconds(50),
            LookEvery = TimeSpan.FromMilliseconds(20),
        };

    public JournalOptions Options { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public LedgerHead Head => machine.LedgerHead;

    public NodeJournal Journal => journal!;

    public JournalFolder Folder => new(Options.Directory);

    /// <summary>Starts with a state, as from a snapshot, and applies the rest of the log again.</summary>
    public void Start(FrozenState? from = null)
    {
        machine = from is null ? new LockStateMachine() : Restored(from);
        journal = new NodeJournal(Options, new Node.History.HistoryBroadcaster(), NullLoggerFactory.Instance, Time);
        journal.ApplyObserver.OnRestored(machine);
        foreach (var entry in log.Skip((int)machine.AppliedIndex))
        {
            Apply(entry);
        }

        journal.Start(Read);
    }

    public async Task StopAsync()
    {
        await journal!.DisposeAsync();
        journal = null;
    }

    /// <summary>
    /// Applies so many entries: locks, some of which wait, and releases and abandons, some of which grant and some of
    /// which are rejected.
    /// </summary>
    public void Apply(int entries, int labelBytes = 0)
    {
        for (var i = 0; i < entries; i++)
        {
            var writer = new EntryWriter();
            var number = log.Count + 1;
            var session = new SessionId((UInt128)number, Resumable: false);
            writer.Begin((UInt128)number, 1_000 + number);
            var resources = new ResourceSetBuilder().Begin(Access.Write).Segment("a").Segment($"{number % 5}").Build();
            writer.Add(
                new LockCommand("ns"u8.ToArray(), session, default, resources, 1_000, Label: new byte[labelBytes])
            );
            switch (number % 3)
            {
                case 0:
                    writer.Add(new ReleaseCommand("ns"u8.ToArray(), session, default));
                    writer.Add(new AbandonCommand("ns"u8.ToArray(), (ulong)number));
                    break;
                case 1:
                    writer.Add(new AbandonCommand("ns"u8.ToArray(), (ulong)Math.Max(1, number - 5)));
                    break;
                default:
                    writer.Add(new AbandonCommand("ns"u8.ToArray(), (ulong)Math.Max(1, number - 4)));
                    break;
            }

            var entry = writer.Complete().ToArray();
            log.Add(entry);
            Apply(entry);
        }
    }

    /// <summary>Applies so many entries of a lock that is never given up.</summary>
    public void Hold(int locks, int labelBytes)
    {
        for (var i = 0; i < locks; i++)
        {
            var writer = new EntryWriter();
            var number = log.Count + 1;
            writer.Begin((UInt128)number, 1_000 + number);
            var resources = new ResourceSetBuilder().Begin(Access.Write).Segment($"held-{number}").Build();
            writer.Add(
                new LockCommand(
                    "ns"u8.ToArray(),
                    new SessionId((UInt128)number, Resumable: false),
                    default,
                    resources,
                    1_000,
                    Label: new byte[labelBytes]
                )
            );
            log.Add(writer.Complete().ToArray());
            Apply(log[^1]);
        }
    }

    public FrozenState Freeze() => machine.Freeze();

    /// <summary>A snapshot from elsewhere takes the place of the state.</summary>
    public void Install(FrozenState state)
    {
        lock (gate)
        {
            machine = Restored(state);
            journal!.ApplyObserver.OnRestored(machine);
        }
    }

    /// <summary>Where each segment begins, why, and the position after it; fails if a chain does not hold.</summary>
    public List<(CheckpointReason Reason, long Start, long End, string Text)> Read()
    {
        var found = new List<(CheckpointReason, long, long, string)>();
        foreach (var segment in Folder.Segments)
        {
            using var reader = SegmentReader.Open(segment.Directory);
            Assert.True(reader.TryNext());
            Assert.True(CheckpointItem.TryParse(reader.Item, out var header, out _));
            Assert.Null(ChainCheck.Next(before: null, reader.Kind, reader.Item, out var at));
            Assert.Equal(segment.Start, at.Position);
            while (reader.TryNext())
            {
                Assert.Null(ChainCheck.Next(at, reader.Kind, reader.Item, out at));
            }

            found.Add((header.Reason, segment.Start, at.Position, header.Text));
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        if (journal is not null)
        {
            await StopAsync();
        }

        root.Delete(recursive: true);
    }

    private static LockStateMachine Restored(FrozenState state)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        state.WriteTo(bytes);
        Assert.Null(LockStateMachine.Restore(bytes.WrittenSpan, hashSeed: 0, out var restored));
        return restored!;
    }

    private void Apply(byte[] entry)
    {
        lock (gate)
        {
            Assert.Equal(ApplyOutcome.Applied, machine.Apply(entry, machine.AppliedIndex + 1, term: 1, events));
            journal?.ApplyObserver.OnApplied(machine, events);
        }
    }

    private bool Read(Func<LockStateMachine, bool> read)
    {
        lock (gate)
        {
            return read(machine);
        }
    }
}
