// The digest: each thing that the state consists of shows in it, also two changes that might cancel each other out.
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class DigestTests
{
    private static readonly LockCommand Base = new(
        "n"u8.ToArray(),
        new SessionId(1, Resumable: false),
        default,
        Replica.SetOf([new(true, "a")]),
        AbandonTimeoutMs: 0,
        WaitLimitMs: 1
    );

    private static readonly LockCommand[] All =
    [
        Base,
        Base with
        {
            Namespace = "m"u8.ToArray(),
        },
        Base with
        {
            Session = new SessionId(2, Resumable: false),
        },
        Base with
        {
            Session = new SessionId((UInt128)1 + ((UInt128)1 << 64), Resumable: false),
        },
        Base with
        {
            Session = new SessionId(1, Resumable: true),
        },
        Base with
        {
            Session = new SessionId((UInt128)1 + ((UInt128)1 << 64), Resumable: true),
        },
        Base with
        {
            Channel = "c"u8.ToArray(),
        },
        Base with
        {
            Label = "c"u8.ToArray(),
        },
        Base with
        {
            Ref = "c"u8.ToArray(),
        },
        Base with
        {
            AbandonTimeoutMs = 1L << 32,
        },
        Base with
        {
            AbandonTimeoutMs = 1L << 32,
            WaitLimitMs = 0,
        },
        Base with
        {
            WaitLimitMs = 0,
        },
        Base with
        {
            Resources = Replica.SetOf([new(false, "a")]),
        },
        Base with
        {
            Resources = Replica.SetOf([new(true, "a", "")]),
        },
        Base with
        {
            Resources = Replica.SetOf([new(true, "a"), new(true, "a")]),
        },
    ];

    [Fact]
    public void Each_field_of_a_request_shows() => Assert.Distinct(All.Select(RequestDigest));

    [Fact]
    public void Times_index_term_and_level_of_history_show()
    {
        var digests = new List<UInt128>();
        foreach (var (time, index, term) in new[] { (1L, 1L, 1L), (2, 1, 1), (1, 2, 1), (1, 1, 2) })
        {
            var machine = new LockStateMachine();
            Assert.Equal(
                ApplyOutcome.Applied,
                machine.Apply(Replica.Entry(w => w.Add(Base), time), index, term, new EventList())
            );
            digests.Add(machine.Digest);
        }

        Assert.Distinct(digests);
    }

    /// <summary>What the request alone adds, without the ledger's head, in which everything shows anyway.</summary>
    private static UInt128 RequestDigest(LockCommand command)
    {
        var replica = new Replica();
        replica.Apply(w => w.Add(command));
        return replica.Events[0].Request!.DigestPart;
    }
}
