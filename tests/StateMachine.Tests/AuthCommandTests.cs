// Tokens, policies and principals in the state: commands that fit and don't, through a snapshot and in the digest.
using System.Buffers.Binary;
using System.Text;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class AuthCommandTests
{
    private static readonly byte[] Key = [.. Enumerable.Repeat((byte)7, Limits.AuthHashBytes)];
    private static readonly byte[] Space = [.. "n"u8];

    private readonly Replica replica = new();

    [Fact]
    public void Below_feature_level_3_nothing_of_it_takes_effect()
    {
        replica.Apply(w =>
        {
            w.Add(new RaiseFeatureLevelCommand(2));
            w.Add(Initialise());
            w.Add(Lock(1, "somebody"));
        });
        Assert.Equal([RejectReason.None, RejectReason.AboveFeatureLevel, RejectReason.AboveFeatureLevel], Reasons());
        Assert.Equal((false, 0), (replica.Machine.Auth.IsOn, replica.Machine.LiveCount));
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(replica.Snapshot().AsSpan(4)));
    }

    [Fact]
    public void The_first_token_may_do_everything_and_who_has_none_may_do_nothing()
    {
        Begin();
        var auth = replica.Machine.Auth;
        Assert.True(auth.IsOn);
        var token = auth.FindToken(auth.HashOf("root-secret"u8), nowMs: 5)!;
        Assert.Equal("root", Encoding.UTF8.GetString(token.Name.Span));
        Assert.True(auth.RightsOf(token).AllowsEverywhere(Verbs.Admin));
        Assert.False(auth.Anonymous.AllowsAnywhere(Verbs.All));
        Assert.Null(auth.FindToken(auth.HashOf("another"u8), nowMs: 5));
    }

    [Fact]
    public void Who_has_no_token_may_go_on_as_before_if_that_is_asked_for()
    {
        Begin(keepsAnonymous: true);
        var rights = replica.Machine.Auth.Anonymous;
        Assert.True(rights.AllowsEverywhere(Verbs.LockWrite));
        Assert.False(rights.AllowsAnywhere(Verbs.Admin | Verbs.Revoke));
        replica.Apply(w => w.Add(new DeletePolicyCommand("anonymous"u8.ToArray())));
        Assert.False(replica.Machine.Auth.Anonymous.AllowsAnywhere(Verbs.All));
    }

    [Fact]
    public void What_does_not_fit_is_rejected_with_its_reason_and_changes_nothing()
    {
        replica.Apply(w =>
        {
            w.Add(new RaiseFeatureLevelCommand(3));
            w.Add(new DeleteTokenCommand("root"u8.ToArray()));
        });
        Assert.Equal(RejectReason.AuthIsOff, Reasons()[1]);
        Begin();
        var before = replica.Machine.Auth;
        replica.Apply(w =>
        {
            w.Add(Initialise());
            w.Add(Token("root", "admin"));
            w.Add(Token("other", "nowhere"));
            w.Add(new RotateTokenCommand("nobody"u8.ToArray(), new byte[Limits.AuthHashBytes], 0, 0));
            w.Add(new DeleteTokenCommand("nobody"u8.ToArray()));
            w.Add(new DeletePolicyCommand("nobody"u8.ToArray()));
            w.Add(new DeletePolicyCommand("admin"u8.ToArray()));
        });
        Assert.Equal(
            [
                RejectReason.AuthIsOn,
                RejectReason.TokenExists,
                RejectReason.NoSuchPolicy,
                RejectReason.NoSuchToken,
                RejectReason.NoSuchToken,
                RejectReason.NoSuchPolicy,
                RejectReason.PolicyInUse,
            ],
            Reasons()
        );
        Assert.Same(before, replica.Machine.Auth);
    }

    [Fact]
    public void A_rotation_keeps_the_old_secret_for_its_overlap_and_an_expired_token_is_not_accepted()
    {
        Begin();
        var auth = replica.Machine.Auth;
        replica.Apply(w =>
            w.Add(new RotateTokenCommand("root"u8.ToArray(), auth.HashOf("new"u8), PreviousUntilMs: 100, 200))
        );
        auth = replica.Machine.Auth;
        Assert.NotNull(auth.FindToken(auth.HashOf("root-secret"u8), nowMs: 99));
        Assert.Null(auth.FindToken(auth.HashOf("root-secret"u8), nowMs: 100));
        Assert.NotNull(auth.FindToken(auth.HashOf("new"u8), nowMs: 199));
        Assert.Null(auth.FindToken(auth.HashOf("new"u8), nowMs: 200));
    }

    [Fact]
    public void The_numbers_of_tokens_and_policies_are_bounded_and_replacing_needs_no_room()
    {
        Begin();
        replica.Apply(w =>
        {
            for (var i = 0; i < Limits.MaxTokens; i++)
            {
                w.Add(Token("t" + i, "admin"));
            }

            for (var i = 0; i < Limits.MaxPolicies; i++)
            {
                w.Add(new SetPolicyCommand(Policy.Of(Replica.Utf8("p" + i), [])));
            }

            w.Add(new SetPolicyCommand(Policy.Of("p0"u8.ToArray(), Policy.Anonymous.Rules)));
        });
        var reasons = Reasons();
        Assert.Equal(2, reasons.Count(reason => reason == RejectReason.TooMany));
        Assert.Equal(RejectReason.None, reasons[^1]);
        Assert.Equal(
            (Limits.MaxTokens, Limits.MaxPolicies),
            (replica.Machine.Auth.Tokens.Count, replica.Machine.Auth.Policies.Count)
        );
        Assert.Equal(replica.Snapshot(), replica.Reborn(hashSeed: 2).Snapshot());
    }

    [Fact]
    public void All_of_it_goes_through_a_snapshot_and_shows_in_the_digest()
    {
        Begin(keepsAnonymous: true);
        var digests = new HashSet<UInt128> { Sum() };
        Assert.True(digests.Add(After(w => w.Add(Token("a", "admin", "anonymous")))));
        Assert.True(digests.Add(After(w => w.Add(Token("b", "admin")))));
        Assert.True(
            digests.Add(After(w => w.Add(new RotateTokenCommand("a"u8.ToArray(), Key, PreviousUntilMs: 9, 0))))
        );
        Assert.True(digests.Add(After(w => w.Add(new SetPolicyCommand(Policy.Of("p"u8.ToArray(), []))))));
        Assert.True(digests.Add(After(w => w.Add(Lock(1, "a")))));
        Assert.True(digests.Add(After(w => w.Add(Lock(2, "jwt:somebody")))));
        Assert.True(digests.Add(After(w => w.Add(new DeleteTokenCommand("b"u8.ToArray())))));
        Assert.True(digests.Add(After(w => w.Add(new DeletePolicyCommand("p"u8.ToArray())))));

        var reborn = replica.Reborn(hashSeed: 4);
        Assert.Equal(replica.Snapshot(), reborn.Snapshot());
        Assert.Equal(replica.Machine.Digest, reborn.Machine.Digest);
        Assert.Equal(
            ["a", "jwt:somebody"],
            reborn.Machine.LiveRequests.Select(request => Encoding.UTF8.GetString(request.Principal.Span))
        );
    }

    [Fact]
    public void Two_requests_that_differ_in_their_principal_only_differ_in_the_digest()
    {
        var one = Of("a");
        Assert.NotEqual(one, Of("b"));
        Assert.NotEqual(one, Of(""));

        static UInt128 Of(string principal)
        {
            var other = new Replica();
            other.Apply(w =>
            {
                w.Add(new RaiseFeatureLevelCommand(3));
                w.Add(Lock(1, principal));
            });
            return other.Machine.FindRequest(Space, 1)!.DigestPart;
        }
    }

    [Fact]
    public void A_snapshot_of_tokens_that_are_out_of_order_is_refused()
    {
        Begin();
        replica.Apply(w =>
        {
            w.Add(Token("x1", "admin"));
            w.Add(Token("x2", "admin"));
        });
        var bytes = replica.Snapshot();
        var at = bytes.AsSpan().LastIndexOf("x2"u8);
        bytes[at + 1] = (byte)'0';
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(bytes.Length - 4),
            Primitives.Crc32C.Of(bytes.AsSpan(0, bytes.Length - 4))
        );
        Assert.Equal(
            "its tokens and policies are not as they should be",
            LockStateMachine.Restore(bytes, 0, out var restored)
        );
        Assert.Null(restored);
    }

    [Fact]
    public void What_apply_would_refuse_can_not_be_written()
    {
        var writer = new EntryWriter();
        writer.Begin(1, 1);
        var tooLong = new byte[Limits.MaxAuthNameBytes + 1];
        var hash = new byte[Limits.AuthHashBytes];
        var policies = Enumerable.Repeat((ReadOnlyMemory<byte>)Space, Limits.MaxPoliciesPerToken + 1).ToList();
        Assert.Throws<ArgumentException>("command", () => writer.Add(Initialise() with { Key = Space }));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new CreateTokenCommand(tooLong, hash, 0, [])));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new CreateTokenCommand(default, hash, 0, [])));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new CreateTokenCommand(Space, Space, 0, [])));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new CreateTokenCommand(Space, hash, -1, [])));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new CreateTokenCommand(Space, hash, 0, policies)));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new RotateTokenCommand(Space, hash, -1, 0)));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new DeleteTokenCommand(tooLong)));
        Assert.Throws<ArgumentException>("command", () => writer.Add(new DeletePolicyCommand(tooLong)));
        Assert.Throws<ArgumentException>(
            "command",
            () => writer.Add(new DeletePolicyCommand(Space, new byte[Limits.MaxPrincipalBytes + 1]))
        );
        Assert.Throws<ArgumentException>("rules", () => Policy.Of(tooLong, []));
        Assert.Equal(0, writer.Count);
    }

    private static LockCommand Lock(int session, string principal) =>
        new(
            Space,
            Replica.SessionOf(session),
            default,
            Replica.SetOf([new(true, "p" + session)]),
            60_000,
            Principal: Replica.Utf8(principal)
        );

    private static InitialiseAuthCommand Initialise(bool keepsAnonymous = false) =>
        new(
            Key,
            keepsAnonymous,
            "root"u8.ToArray(),
            System.Security.Cryptography.HMACSHA256.HashData(Key, "root-secret"u8),
            0,
            "the operator"u8.ToArray()
        );

    private static CreateTokenCommand Token(string name, params string[] policies) =>
        new(
            Replica.Utf8(name),
            new byte[Limits.AuthHashBytes],
            0,
            [.. policies.Select(policy => (ReadOnlyMemory<byte>)Replica.Utf8(policy))],
            "root"u8.ToArray()
        );

    private void Begin(bool keepsAnonymous = false) =>
        replica.Apply(w =>
        {
            w.Add(new RaiseFeatureLevelCommand(3));
            w.Add(Initialise(keepsAnonymous));
        });

    private UInt128 Sum() =>
        replica.Machine.Auth.Sum
        + replica.Machine.LiveRequests.Aggregate(UInt128.Zero, static (all, request) => all + request.DigestPart);

    private UInt128 After(Action<EntryWriter> fill)
    {
        replica.Apply(fill);
        Assert.Equal(RejectReason.None, Reasons()[0]);
        return Sum();
    }

    private List<RejectReason> Reasons() =>
        [.. Enumerable.Range(0, replica.Events.Count).Select(i => replica.Events[i].Reason)];
}
