// The formats of feature level 3: principals, tokens and policies.
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public partial class GoldenTests
{
    [Fact]
    public void The_entry_of_feature_level_3_is_as_it_always_was() =>
        AssertGolden("entry-level-3-v1.hex", LevelThree());

    [Fact]
    public void What_comes_of_an_entry_of_feature_level_3_is_as_it_always_was()
    {
        var replica = After();
        replica.Apply(Read("entry-level-3-v1.hex"));
        Assert.Equal(
            [
                "0 FeatureLevelRaised reply None #0",
                "1 AuthInitialised reply None #0",
                "2 PolicySet reply None #0",
                "3 TokenCreated reply None #0",
                "4 TokenRotated reply None #0",
                "5 Acquired reply None golden#6",
                "6 Acquired reply None golden#7",
                "7 Downgraded reply None golden#7",
                "8 Revoked reply None golden#7",
                "9 TokenCreated reply None #0",
                "10 TokenDeleted reply None #0",
                "11 PolicySet reply None #0",
                "12 PolicyDeleted reply None #0",
            ],
            replica.Told()
        );
        AssertGolden("ledger-record-level-3-v1.hex", replica.Machine.LastRecord.ToArray());
        AssertGolden("snapshot-v2.hex", replica.Snapshot());
        AssertGolden("digest-level-3-v1.hex", Convert.FromHexString(replica.Machine.Digest.ToString("x32")));
    }

    [Fact]
    public void A_snapshot_of_version_2_can_still_be_restored()
    {
        Assert.Null(LockStateMachine.Restore(Read("snapshot-v2.hex"), hashSeed: 9, out var machine));
        Assert.Equal(Read("snapshot-v2.hex"), Replica.Snapshot(machine!));
        Assert.Equal(
            ["root", "team"],
            machine!.Auth.Tokens.Select(token => System.Text.Encoding.UTF8.GetString(token.Name.Span))
        );
    }

    private static byte[] LevelThree()
    {
        var hash = (byte first) => Enumerable.Range(first, 32).Select(i => (byte)i).ToArray();
        var root = "root"u8.ToArray();
        var team = "team"u8.ToArray();
        return Replica.Entry(
            w =>
            {
                w.Add(new RaiseFeatureLevelCommand(3));
                w.Add(new InitialiseAuthCommand(hash(1), KeepsAnonymous: true, root, hash(2), 0, "local"u8.ToArray()));
                w.Add(
                    new SetPolicyCommand(
                        Policy.Of(
                            team,
                            [
                                new PolicyRule(
                                    Verbs.LockRead | Verbs.LockWrite,
                                    "gold"u8.ToArray(),
                                    isPrefix: true,
                                    ["a"u8.ToArray(), "b"u8.ToArray()]
                                ),
                                new PolicyRule(Verbs.Observe, Space, isPrefix: false, []),
                            ]
                        ),
                        root
                    )
                );
                w.Add(new CreateTokenCommand(team, hash(3), 1_800_000_000_000, [team, "admin"u8.ToArray()], root));
                w.Add(new RotateTokenCommand(team, hash(4), 1_700_000_009_999, 1_900_000_000_000, team));
                w.Add(Lock(0x91, "x", "q") with { Principal = "jwt:Ω"u8.ToArray() });
                w.Add(Lock(0x92, "y", "q") with { Principal = team });
                w.Add(new DowngradeCommand(Space, 7, team));
                w.Add(new RevokeCommand(Space, 7, "why"u8.ToArray(), root));
                w.Add(new CreateTokenCommand("gone"u8.ToArray(), hash(5), 0, [], root));
                w.Add(new DeleteTokenCommand("gone"u8.ToArray(), root));
                w.Add(new SetPolicyCommand(Policy.Of("gone"u8.ToArray(), []), root));
                w.Add(new DeletePolicyCommand("gone"u8.ToArray(), root));
            },
            timeMs: 1_700_000_002_222,
            batchId: 4
        );
    }

    private static LockCommand Lock(ulong session, params string[] path) =>
        new(Space, new SessionId(session, Resumable: false), default, Replica.SetOf([new(true, path)]), 10);
}
