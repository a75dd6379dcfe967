// Encoded entries, made before the clock starts, and a state machine that is fed with them: what is measured is apply
// alone, with its checks, its digest and its ledger.
using System.Globalization;
using System.Text;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Micro;

internal sealed class Feed
{
    public const int CommandsPerEntry = 256;
    private readonly EntryWriter writer = new();
    private readonly EventList events = new();
    private readonly ResourceSetBuilder resources = new();
    private ulong nextSession = 1;

    public static ReadOnlyMemory<byte> Namespace { get; } = "bench"u8.ToArray();

    public LockStateMachine Machine { get; } = new();

    public byte[] Entry(Action<EntryWriter> fill)
    {
        writer.Begin(1, 1_700_000_000_000);
        fill(writer);
        return writer.Complete().ToArray();
    }

    public void Apply(byte[] entry)
    {
        var outcome = Machine.Apply(entry, Machine.AppliedIndex + 1, 1, events);
        if (outcome != ApplyOutcome.Applied)
        {
            throw new InvalidOperationException($"The entry was not applied: {outcome}.");
        }
    }

    /// <summary>Applies, and makes sure that each command had the effect that is measured.</summary>
    public void ApplyExpecting(byte[] entry, params ReadOnlySpan<EventKind> kinds)
    {
        Apply(entry);
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Kind != kinds[i % kinds.Length])
            {
                throw new InvalidOperationException(
                    $"Event {i} is {events[i].Kind} ({events[i].Reason}), not {kinds[i % kinds.Length]}."
                );
            }
        }
    }

    /// <summary>Lock and release, uncontended, over and over: half as many cycles as commands.</summary>
    public byte[] Cycles(params string[] path)
    {
        var session = NewSession();
        return Entry(w =>
        {
            for (var i = 0; i < CommandsPerEntry / 2; i++)
            {
                w.Add(Lock(session, Access.Write, path));
                w.Add(new ReleaseCommand(Namespace, session, default));
            }
        });
    }

    /// <summary>Cycles on different paths, as of many clients: the tree's nodes come and go.</summary>
    public byte[] SpreadCycles(int seed)
    {
        var sessions = Enumerable.Range(0, CommandsPerEntry / 2).Select(_ => NewSession()).ToArray();
        return Entry(w =>
        {
            for (var i = 0; i < sessions.Length; i++)
            {
                w.Add(Lock(sessions[i], Access.Write, "shop", Name((seed * 31) + (i % 16)), Name(i)));
            }

            foreach (var session in sessions)
            {
                w.Add(new ReleaseCommand(Namespace, session, default));
            }
        });
    }

    /// <summary>Locks that stay: each on its own child of a parent, or all on one path.</summary>
    public SessionId[] Fill(int count, Func<int, string[]> path)
    {
        var sessions = new SessionId[count];
        for (var from = 0; from < count; from += CommandsPerEntry)
        {
            Apply(
                Entry(w =>
                {
                    for (var i = from; i < Math.Min(count, from + CommandsPerEntry); i++)
                    {
                        w.Add(Lock(sessions[i] = NewSession(), Access.Write, path(i)));
                    }
                })
            );
        }

        return sessions;
    }

    /// <summary>Locks that stay: each on a channel of its own, all of one session, which is returned.</summary>
    public SessionId[] FillChannels(int count)
    {
        var session = NewSession();
        foreach (var numbers in Enumerable.Range(0, count).Chunk(CommandsPerEntry))
        {
            Apply(
                Entry(w =>
                {
                    foreach (var number in numbers)
                    {
                        w.Add(
                            Lock(session, Access.Write, "a", "held", Name(number)) with
                            {
                                Channel = Encoding.UTF8.GetBytes(Name(number)),
                            }
                        );
                    }
                })
            );
        }

        return [session];
    }

    /// <summary>Lock and release over and over, on one more channel of a session.</summary>
    public byte[] ChannelCycles(SessionId session, params string[] path) =>
        Entry(w =>
        {
            for (var i = 0; i < CommandsPerEntry / 2; i++)
            {
                w.Add(Lock(session, Access.Write, path) with { Channel = "busy"u8.ToArray() });
                w.Add(new ReleaseCommand(Namespace, session, "busy"u8.ToArray()));
            }
        });

    /// <summary>Everybody in a queue in turn releases and waits again at its end.</summary>
    public byte[][] Rotations(SessionId[] sessions, params string[] path) =>
        [
            .. sessions
                .Chunk(CommandsPerEntry / 2)
                .Select(turn =>
                    Entry(w =>
                    {
                        foreach (var session in turn)
                        {
                            w.Add(new ReleaseCommand(Namespace, session, default));
                            w.Add(Lock(session, Access.Write, path));
                        }
                    })
                ),
        ];

    public LockCommand Lock(SessionId session, Access access, params ReadOnlySpan<string> path)
    {
        resources.Begin(access);
        foreach (var segment in path)
        {
            resources.Segment(Encoding.UTF8.GetBytes(segment));
        }

        return new LockCommand(Namespace, session, default, resources.Build(), 60_000);
    }

    public SessionId NewSession() =>
        new(new UInt128(nextSession * 0x9E37_79B9_7F4A_7C15, nextSession++), Resumable: false);

    public static string Name(int number) => "item-" + number.ToString(CultureInfo.InvariantCulture);
}
