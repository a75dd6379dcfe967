// The commands about tokens and policies (feature level 3). They change who may do what; the rights themselves are
// asked for before a command is proposed, never in apply.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

public sealed partial class LockStateMachine
{
    /// <summary>Who is known, and who may do what. The object never changes: each change makes a new one.</summary>
    public AuthState Auth { get; private set; } = AuthState.Off;

    private void ApplyAuth(in DecodedCommand command, int ordinal, EventList events)
    {
        var reader = new ByteReader(command.Payload);
        AuthPayload.TryRead(command.Kind, ref reader, out var payload);
        var refused = command.Kind switch
        {
            CommandKind.InitialiseAuth => InitialiseAuth(payload, command.Principal),
            _ when !Auth.IsOn => RejectReason.AuthIsOff,
            CommandKind.CreateToken => CreateToken(payload, command.Principal),
            CommandKind.RotateToken => RotateToken(payload, command.Principal),
            CommandKind.DeleteToken => DeleteToken(payload, command.Principal),
            CommandKind.SetPolicy => SetPolicy(payload.Policy!, command.Principal),
            _ => DeletePolicy(payload, command.Principal),
        };
        if (refused != RejectReason.None)
        {
            Reject(refused, ordinal, events);
            return;
        }

        var kind = command.Kind switch
        {
            CommandKind.InitialiseAuth => EventKind.AuthInitialised,
            CommandKind.CreateToken => EventKind.TokenCreated,
            CommandKind.RotateToken => EventKind.TokenRotated,
            CommandKind.DeleteToken => EventKind.TokenDeleted,
            CommandKind.SetPolicy => EventKind.PolicySet,
            _ => EventKind.PolicyDeleted,
        };
        events.Add(new LockEvent(kind, ordinal, IsReply: true, RejectReason.None, Request: null));
    }

    private RejectReason InitialiseAuth(in AuthPayload payload, ReadOnlySpan<byte> principal)
    {
        if (Auth.IsOn)
        {
            return RejectReason.AuthIsOn;
        }

        Auth = AuthState.Begin(payload.Key);
        ledger.RecordAuth(EventKind.AuthInitialised, principal, payload.Key);
        SetPolicy(Policy.Admin, principal);
        if (payload.KeepsAnonymous)
        {
            SetPolicy(Policy.Anonymous, principal);
        }

        var first = AccessToken.Of(
            payload.Name,
            payload.Hash,
            payload.ExpiresAtMs,
            ClockMs,
            [Policy.Admin.Name.ToArray()]
        );
        return SetToken(EventKind.TokenCreated, first, principal);
    }

    private RejectReason CreateToken(in AuthPayload payload, ReadOnlySpan<byte> principal)
    {
        if (Auth.FindToken(payload.Name) is not null)
        {
            return RejectReason.TokenExists;
        }

        foreach (var name in payload.Policies)
        {
            if (Auth.FindPolicy(name) is null)
            {
                return RejectReason.NoSuchPolicy;
            }
        }

        return Auth.IsFullOfTokens
            ? RejectReason.TooMany
            : SetToken(
                EventKind.TokenCreated,
                AccessToken.Of(payload.Name, payload.Hash, payload.ExpiresAtMs, ClockMs, payload.Policies),
                principal
            );
    }

    private RejectReason RotateToken(in AuthPayload payload, ReadOnlySpan<byte> principal) =>
        Auth.FindToken(payload.Name) is { } token
            ? SetToken(
                EventKind.TokenRotated,
                token.Rotated(payload.Hash, payload.PreviousUntilMs, payload.ExpiresAtMs),
                principal
            )
            : RejectReason.NoSuchToken;

    private RejectReason DeleteToken(in AuthPayload payload, ReadOnlySpan<byte> principal)
    {
        if (Auth.FindToken(payload.Name) is not { } token)
        {
            return RejectReason.NoSuchToken;
        }

        Auth = Auth.Without(token);
        ledger.RecordAuth(EventKind.TokenDeleted, principal, payload.Name);
        return RejectReason.None;
    }

    private RejectReason SetPolicy(Policy policy, ReadOnlySpan<byte> principal)
    {
        if (Auth.IsFullOfPolicies && Auth.FindPolicy(policy.Name.Span) is null)
        {
            return RejectReason.TooMany;
        }

        Auth = Auth.With(policy);
        ledger.RecordAuth(EventKind.PolicySet, principal, policy.Bytes);
        return RejectReason.None;
    }

    private RejectReason DeletePolicy(in AuthPayload payload, ReadOnlySpan<byte> principal)
    {
        if (Auth.FindPolicy(payload.Name) is not { } policy)
        {
            return RejectReason.NoSuchPolicy;
        }

        if (Auth.IsInUse(payload.Name))
        {
            return RejectReason.PolicyInUse;
        }

        Auth = Auth.Without(policy);
        ledger.RecordAuth(EventKind.PolicyDeleted, principal, payload.Name);
        return RejectReason.None;
    }

    private RejectReason SetToken(EventKind kind, AccessToken token, ReadOnlySpan<byte> principal)
    {
        Auth = Auth.With(token);
        ledger.RecordAuth(kind, principal, token.Bytes);
        return RejectReason.None;
    }
}
