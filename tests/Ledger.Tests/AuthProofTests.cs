// Tokens, policies and principals are proven as everything else is: what does not follow from the events is found.
using RaftLocks.Ledger.Proof;
using RaftLocks.StateMachine;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

public class AuthProofTests
{
    private static readonly byte[] Hash = new byte[Limits.AuthHashBytes];

    [Fact]
    public void Each_kind_of_change_is_proven_across_segments()
    {
        var run = Begun();
        run.Apply(w =>
        {
            w.Add(new SetPolicyCommand(Policy.Of("p"u8.ToArray(), []), "root"u8.ToArray()));
            w.Add(new CreateTokenCommand("t"u8.ToArray(), Hash, 0, ["p"u8.ToArray()]));
            w.Add(new CreateTokenCommand("t"u8.ToArray(), Hash, 0, []));
        });
        run.Checkpoint(CheckpointReason.Continues);
        run.Apply(w =>
        {
            w.Add(new RotateTokenCommand("t"u8.ToArray(), Hash, 7, 0));
            w.Add(new DeleteTokenCommand("t"u8.ToArray()));
            w.Add(new DeletePolicyCommand("p"u8.ToArray()));
        });
        run.Checkpoint(CheckpointReason.Continues);
        Judge.AssertProven(run.Items);
        foreach (var segment in run.Segments)
        {
            Judge.AssertProven(segment);
        }
    }

    [Theory]
    [InlineData(EventKind.AuthInitialised)]
    [InlineData(EventKind.TokenCreated)]
    [InlineData(EventKind.TokenRotated)]
    [InlineData(EventKind.TokenDeleted)]
    [InlineData(EventKind.PolicyDeleted)]
    public void An_event_that_does_not_fit_those_before_is_found(EventKind kind)
    {
        var verifier = new AuthVerifier();
        var machine = Begun().Machine;
        verifier.Load(machine.Auth);
        Assert.True(verifier.IsEqualTo(machine.Auth));
        Assert.NotNull(
            kind switch
            {
                EventKind.TokenCreated => verifier.Apply(kind, machine.Auth.Tokens[0].Bytes),
                EventKind.TokenRotated => verifier.Apply(
                    kind,
                    AccessToken.Of("unknown"u8, Hash, expiresAtMs: 0, createdAtMs: 0, []).Bytes
                ),
                EventKind.AuthInitialised => verifier.Apply(kind, Hash),
                _ => verifier.Apply(kind, "unknown"u8),
            }
        );
    }

    [Fact]
    public void A_checkpoint_with_other_tokens_than_the_events_lead_to_is_found()
    {
        var verifier = new AuthVerifier();
        verifier.Load(Begun().Machine.Auth);
        Assert.False(verifier.IsEqualTo(AuthState.Off));
        Assert.NotNull(new AuthVerifier().Apply(EventKind.TokenDeleted, "root"u8));
    }

    [Fact]
    public void A_principal_below_feature_level_3_is_found()
    {
        var low = new StateVerifier();
        var run = Begun();
        Assert.True(RecordItem.TryParse(run.Items[^1].Bytes, out var item));
        var error = low.Apply(item);
        Assert.NotNull(error);
        Assert.Contains("feature level 0", error, StringComparison.Ordinal);
    }

    private static Run Begun()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        run.Apply(w => w.Add(new RaiseFeatureLevelCommand(3)));
        run.Apply(w =>
            w.Add(
                new InitialiseAuthCommand(Hash, KeepsAnonymous: true, "root"u8.ToArray(), Hash, 0, "local"u8.ToArray())
            )
        );
        return run;
    }
}
