// A state machine fed with encoded entries, as a node would.
using System.Buffers;
using System.Text;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests.Model;

internal sealed class Replica(uint hashSeed = 0)
{
    /// <summary>
    /// Empty namespaces fall asleep at once, or after one or two others: schedules have few, and all ways must be
    /// taken.
    /// </summary>
    public LockStateMachine Machine { get; private set; } = new(hashSeed, maxCached: (int)(hashSeed % 3));

    public EventList Events { get; } = new();

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static SessionId SessionOf(int number) => new(((UInt128)(ulong)number << 64) + 7, number % 3 == 0);

    public static ResourceSet SetOf(IEnumerable<ModelResource> resources)
    {
        var builder = new ResourceSetBuilder();
        foreach (var resource in resources)
        {
            builder.Begin(resource.IsWrite ? Access.Write : Access.Read);
            foreach (var segment in resource.Path)
            {
                builder.Segment(segment);
            }
        }

        return builder.Build();
    }

    public static byte[] Entry(Action<EntryWriter> fill, long timeMs = 1_000, ulong batchId = 1)
    {
        var writer = new EntryWriter();
        writer.Begin(batchId, timeMs);
        fill(writer);
        return writer.Complete().ToArray();
    }

    public static byte[] Snapshot(LockStateMachine machine)
    {
        var bytes = new ArrayBufferWriter<byte>();
        machine.Freeze().WriteTo(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    public byte[] Snapshot() => Snapshot(Machine);

    public void Apply(ReadOnlySpan<byte> entry) =>
        Assert.Equal(ApplyOutcome.Applied, Machine.Apply(entry, Machine.AppliedIndex + 1, term: 3, Events));

    public void Apply(Action<EntryWriter> fill, long timeMs = 1_000) => Apply(Entry(fill, timeMs));

    /// <summary>Goes on from its own snapshot, as after a restart.</summary>
    public Replica Reborn(uint hashSeed)
    {
        Assert.Null(LockStateMachine.Restore(Snapshot(), hashSeed, out var machine));
        return new Replica { Machine = machine! };
    }

    public string[] Told()
    {
        var told = new string[Events.Count];
        for (var i = 0; i < told.Length; i++)
        {
            told[i] = Tell(Events[i]);
        }

        return told;
    }

    public static string Tell(in LockEvent happened)
    {
        var request = happened.Kind == EventKind.Rejected ? null : happened.Request;
        var name = request is null ? "" : Encoding.UTF8.GetString(request.Namespace.Span);
        return $"{happened.Ordinal} {happened.Kind} {(happened.IsReply ? "reply" : "grant")} {happened.Reason} "
            + $"{name}#{request?.Id ?? 0}";
    }
}
