// A snapshot that comes in parts, cut anywhere.
using RaftLocks.StateMachine.Tests.Model;

namespace RaftLocks.StateMachine.Tests;

public class StateRestorerTests
{
    [Fact]
    public void A_snapshot_can_be_restored_from_parts_of_any_size()
    {
        var replica = new Replica();
        for (var i = 0; i < 40; i++)
        {
            replica.Apply(Replica.Entry(w => w.Add(new LockCommand(
                System.Text.Encoding.UTF8.GetBytes($"n{i % 7}"),
                new SessionId((UInt128)i, Resumable: false),
                default,
                new ResourceSetBuilder().Begin(Access.Write).Segment("a").Segment(new string('x', i * 3)).Build(),
                1000))));
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
