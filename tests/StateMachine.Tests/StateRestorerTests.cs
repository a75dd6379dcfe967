// A snapshot that comes in parts, cut anywhere.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class StateRestorerTests
{
    [Fact]
    public void Raised_counters_give_no_number_again_and_the_raised_state_is_one_like_any_other()
    {
        const ulong Raise = 1_000_000;
        var replica = new Replica();
        foreach (var (space, session) in new[] { ("held", 1), ("empty", 2), ("held", 3) })
        {
            replica.Apply(
                Replica.Entry(w => w.Add(new LockCommand(Utf8(space), Session(session), default, OnePath(), 1000)))
            );
        }

        replica.Apply(Replica.Entry(w => w.Add(new ReleaseCommand(Utf8("empty"), Session(2), default))));
        var snapshot = replica.Snapshot();
        var restorer = new StateRestorer(hashSeed: 3, Raise);
        Assert.Null(restorer.Append(snapshot));
        Assert.Null(restorer.Complete(out var raised));

        Assert.True(raised!.TryAddNamespace(Utf8("later"), Raise));
        Assert.False(raised.TryAddNamespace(Utf8("held"), Raise));
        Assert.False(raised.TryAddNamespace(Utf8("empty"), Raise));

        Assert.Equal(
            (Raise + 2, Raise + 1, Raise),
            (LastId(raised, "held"), LastId(raised, "empty"), LastId(raised, "later"))
        );
        Assert.Equal(2, raised.LiveCount);
        Assert.NotNull(raised.FindRequest(Utf8("held"), 1));
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        raised.Freeze().WriteTo(bytes);
        Assert.Null(LockStateMachine.Restore(bytes.WrittenSpan, hashSeed: 5, out var again));
        Assert.Equal(raised.Digest, again!.Digest);
        Assert.NotEqual(replica.Machine.Digest, again.Digest);
        Assert.Equal(
            (Raise + 2, Raise + 1, Raise),
            (LastId(again, "held"), LastId(again, "empty"), LastId(again, "later"))
        );

        static ulong LastId(LockStateMachine machine, string space) =>
            machine.TryGetNamespace(Utf8(space), out var found) ? found.LastId : 0;
        static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
        static SessionId Session(int number) => new((UInt128)number, Resumable: false);
        static ResourceSet OnePath() => new ResourceSetBuilder().Begin(Access.Write).Segment("a").Build();
    }

    [Fact]
    public void Counters_that_can_not_be_raised_so_far_are_refused()
    {
        var replica = new Replica();
        replica.Apply(
            Replica.Entry(w =>
                w.Add(
                    new LockCommand(
                        "n"u8.ToArray(),
                        new SessionId(1, Resumable: false),
                        default,
                        new ResourceSetBuilder().Begin(Access.Write).Segment("a").Build(),
                        1000
                    )
                )
            )
        );

        Assert.Contains(
            "raised",
            new StateRestorer(hashSeed: 3, ulong.MaxValue).Append(replica.Snapshot()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_snapshot_can_be_restored_from_parts_of_any_size()
    {
        var replica = new Replica();
        for (var i = 0; i < 40; i++)
        {
            replica.Apply(
                Replica.Entry(w =>
                    w.Add(
                        new LockCommand(
                            System.Text.Encoding.UTF8.GetBytes($"n{i % 7}"),
                            new SessionId((UInt128)i, Resumable: false),
                            default,
                            new ResourceSetBuilder()
                                .Begin(Access.Write)
                                .Segment("a")
                                .Segment(new string('x', i * 3))
                                .Build(),
                            1000
                        )
                    )
                )
            );
        }

        var snapshot = replica.Snapshot();
        for (var size = 1; size < 200; size += 7)
        {
            var check = new SnapshotCheck();
            var restorer = new StateRestorer(hashSeed: 3);
            for (var at = 0; at < snapshot.Length; at += size)
            {
                var part = snapshot.AsSpan(at, Math.Min(size, snapshot.Length - at));
                Assert.Null(check.Append(part));
                Assert.Null(restorer.Append(part));
            }

            Assert.Null(check.Complete());
            Assert.Equal((replica.Machine.AppliedIndex, 40L), (check.Index, check.LiveCount));
            Assert.Null(restorer.Complete(out var restored));
            Assert.Equal(replica.Machine.Digest, restored!.Digest);
        }
    }
}
