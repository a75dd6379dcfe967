// Entries: what is written is what is applied; and nothing can be written that apply would refuse, for a committed
// entry that is refused halts every node.
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class EntryCodecTests
{
    private static readonly SessionId Session = new(42, Resumable: true);

    private static readonly ResourceSet OneWrite = new ResourceSetBuilder().Begin(Access.Write).Segment("a").Build();

    public static TheoryData<string, LockCommand> Unfit =>
        new()
        {
            { "namespace", Sound() with { Namespace = new byte[Limits.MaxNamespaceBytes + 1] } },
            { "channel", Sound() with { Channel = new byte[Limits.MaxChannelBytes + 1] } },
            { "label", Sound() with { Label = new byte[Limits.MaxLabelBytes + 1] } },
            { "mark", Sound() with { Ref = new byte[Limits.MaxLabelBytes + 1] } },
            { "no resources", Sound() with { Resources = default } },
            { "empty resources", Sound() with { Resources = new ResourceSetBuilder().Build() } },
            { "abandon timeout", Sound() with { AbandonTimeoutMs = -1 } },
            { "wait limit", Sound() with { WaitLimitMs = -2 } },
            { "endless wait limit", Sound() with { WaitLimitMs = long.MaxValue } },
        };

    [Property(MaxTest = 300)]
    public Property A_lock_comes_out_as_it_went_in() =>
        Prop.ForAll(
            Arb.From(Commands()),
            command =>
            {
                var replica = new Replica();
                replica.Apply(w => w.Add(command), timeMs: 77);
                var request = replica.Events[0].Request!;
                Assert.Equal(command.Namespace.ToArray(), request.Namespace.ToArray());
                Assert.Equal(command.Session, request.Session);
                Assert.Equal(command.Channel.ToArray(), request.Channel.ToArray());
                Assert.Equal(command.Resources, request.Resources);
                Assert.Equal(command.Resources.ToString(), request.Resources.ToString());
                Assert.Equal(command.AbandonTimeoutMs, request.AbandonTimeoutMs);
                Assert.Equal(command.WaitLimitMs, request.WaitLimitMs);
                Assert.Equal(command.Label.ToArray(), request.Label.ToArray());
                Assert.Equal(command.Ref.ToArray(), request.Ref.ToArray());
                Assert.Equal((77L, 77L, true), (request.EnqueuedAtMs, request.AcquiredAtMs, request.IsAcquired));
                Assert.Same(
                    request,
                    replica.Machine.FindRequest(command.Namespace.Span, command.Session, command.Channel)
                );
            }
        );

    [Theory]
    [MemberData(nameof(Unfit), DisableDiscoveryEnumeration = true)]
    public void What_apply_would_refuse_can_not_be_written(string what, LockCommand command)
    {
        Assert.NotEmpty(what);
        var writer = new EntryWriter();
        writer.Begin(1, 1_000);
        writer.Add(Sound());
        var before = writer.Length;
        Assert.Throws<ArgumentException>(nameof(command), () => Add(writer, command));
        Assert.Equal((1, before), (writer.Count, writer.Length));

        // The entry is as good as before: the others' commands in the batch don't suffer.
        new Replica().Apply(writer.Complete().Span);
    }

    [Fact]
    public void All_other_commands_are_held_to_the_limits_too()
    {
        var writer = new EntryWriter();
        writer.Begin(1, 1_000);
        var tooLong = new byte[Limits.MaxNamespaceBytes + 1];
        Assert.Throws<ArgumentException>("command", () => writer.Add(new ReleaseCommand(tooLong, Session, default)));
        Assert.Throws<ArgumentException>(
            "command",
            () => writer.Add(new ReleaseCommand(default, Session, new byte[Limits.MaxChannelBytes + 1]))
        );
        Assert.Throws<ArgumentException>("command", () => writer.Add(new AbandonCommand(tooLong, 1)));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new RaiseFeatureLevelCommand(-1)));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new TimeoutCommand(tooLong, 1)));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new DowngradeCommand(tooLong, 1)));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new RevokeCommand(tooLong, 1, default)));
        Assert.Throws<ArgumentException>(
            "command",
            () => writer.Add(new RevokeCommand(default, 1, new byte[Limits.MaxReasonBytes + 1]))
        );
        Assert.Equal(0, writer.Count);
    }

    [Fact]
    public void An_entry_takes_no_more_commands_than_apply_does()
    {
        var writer = new EntryWriter();
        writer.Begin(1, 1_000);
        for (var i = 0; i < Limits.MaxCommandsPerEntry; i++)
        {
            writer.Add(new AbandonCommand(default, 1));
        }

        Assert.Throws<InvalidOperationException>(() => writer.Add(new AbandonCommand(default, 1)));
        new Replica().Apply(writer.Complete().Span);
    }

    [Fact]
    public void Everything_at_its_limit_is_accepted()
    {
        var builder = new ResourceSetBuilder()
            .Begin(Access.Read)
            .Segment(new byte[Limits.MaxSegmentBytes])
            .Begin(Access.Write);
        for (var i = 0; i < Limits.MaxPathSegments; i++)
        {
            builder.Segment("s");
        }

        var replica = new Replica();
        replica.Apply(w =>
            w.Add(
                new LockCommand(
                    new byte[Limits.MaxNamespaceBytes],
                    Session,
                    new byte[Limits.MaxChannelBytes],
                    builder.Build(),
                    long.MaxValue,
                    long.MaxValue - 1,
                    new byte[Limits.MaxLabelBytes],
                    new byte[Limits.MaxLabelBytes]
                )
            )
        );
        Assert.Equal(EventKind.Acquired, replica.Events[0].Kind);
        Assert.Equal(replica.Machine.Digest, replica.Reborn(hashSeed: 1).Machine.Digest);
    }

    [Fact]
    public void The_builder_holds_the_limits_and_refuses_text_that_is_no_text()
    {
        Assert.Throws<InvalidOperationException>(() => new ResourceSetBuilder().Segment("before any resource"));
        var builder = new ResourceSetBuilder().Begin(Access.Read);
        Assert.Throws<ArgumentException>(() => builder.Segment(new byte[Limits.MaxSegmentBytes + 1]));
        Assert.ThrowsAny<ArgumentException>(() => builder.Segment("\uD800"));
        for (var i = 0; i < Limits.MaxPathSegments; i++)
        {
            builder.Segment("s");
        }

        Assert.Throws<InvalidOperationException>(() => builder.Segment("one too many"));
        Assert.Equal("write x", builder.Reset().Begin(Access.Write).Segment("x").Build().ToString());
        Assert.ThrowsAny<ArgumentException>(() => builder.Begin((Access)7));
    }

    [Fact]
    public void The_batch_id_is_read_without_applying()
    {
        var id = new UInt128(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210);
        Assert.True(EntryFormat.TryReadBatchId(Replica.Entry(_ => { }, batchId: id == 0 ? 0UL : 7UL), out var seven));
        Assert.Equal((UInt128)7, seven);
        var writer = new EntryWriter();
        writer.Begin(id, 1);
        Assert.True(EntryFormat.TryReadBatchId(writer.Complete().Span, out var read));
        Assert.Equal(id, read);
        Assert.False(EntryFormat.TryReadBatchId([], out _));
        Assert.False(EntryFormat.TryReadBatchId("something else entirely"u8, out _));
    }

    private static void Add(EntryWriter writer, LockCommand command) => writer.Add(command);

    private static LockCommand Sound() => new("n"u8.ToArray(), Session, default, OneWrite, 60_000);

    private static Gen<ReadOnlyMemory<byte>> Texts(int limit) =>
        Gen.Frequency(
                (2, Gen.Constant("")),
                (6, Gen.Elements("x", "jobs", "Ω/→", "a\0b", " ")),
                (1, Gen.Choose(0, limit).Select(n => new string('y', n)))
            )
            .Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text));

    private static Gen<LockCommand> Commands() =>
        from space in Texts(Limits.MaxNamespaceBytes)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from resumable in Gen.Elements(true, false)
        from channel in Texts(Limits.MaxChannelBytes)
        from steps in Schedules.Arbitrary().Generator
        from timeout in Gen.Elements(0L, 1, 60_000, long.MaxValue)
        from wait in Gen.Elements(-1L, 0, 1, 5_000, long.MaxValue - 1)
        from label in Texts(Limits.MaxLabelBytes)
        from refBytes in Texts(Limits.MaxLabelBytes)
        let resources = steps
            .Batches.SelectMany(b => b)
            .SelectMany(s => s.Resources)
            .Append(new ModelResource(true, "last"))
        select new LockCommand(
            space,
            new SessionId(new UInt128((uint)high, (uint)low), resumable),
            channel,
            Replica.SetOf(resources),
            timeout,
            wait,
            label,
            refBytes
        );
}
