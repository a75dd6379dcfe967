// Who did what, and who was refused: one line for each, with the peer's address. Refusals can be caused by anybody as
// often as they like, so their lines are limited; how many were left out is told with the next one.
using System.Text;
using System.Threading.RateLimiting;
using RaftLocks.Api;
using RaftLocks.Ledger;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Auth;

/// <summary>The audit log.</summary>
/// <param name="logger">The log of the category RaftLocks.Audit.</param>
internal sealed partial class AuditLog(ILogger logger) : IDisposable
{
    /// <summary>The category of its lines.</summary>
    public const string Category = "RaftLocks.Audit";

    /// <summary>The header in which a node that forwards a request names the client's address.</summary>
    public const string ForwardedFor = ApiHeaders.ForwardedFor;

    private readonly FixedWindowRateLimiter limiter = new(
        new FixedWindowRateLimiterOptions
        {
            PermitLimit = Limits.AuditRefusalsPerWindow,
            Window = TimeSpan.FromMilliseconds(Limits.AuditWindowMs),
            QueueLimit = 0,
        }
    );
    private long leftOut;
    private long failedLogins;

    /// <summary>Requests that were refused because of the token that they showed.</summary>
    public long FailedLogins => Interlocked.Read(ref failedLogins);

    /// <summary>Somebody was refused.</summary>
    /// <param name="context">The request.</param>
    /// <param name="principal">Who; null if that is not known.</param>
    /// <param name="why">What is wrong with the token, if that is why.</param>
    public void Refused(HttpContext context, string? principal, string? why)
    {
        if (why is not null)
        {
            Interlocked.Increment(ref failedLogins);
        }

        if (!MayTell(out var before))
        {
            return;
        }

        Refusal(
            logger,
            principal ?? "unknown",
            context.Request.Method,
            Shown(context.Request.PathBase.Add(context.Request.Path).Value),
            Peer(context),
            ForwardedFrom(context),
            why ?? "no right",
            before
        );
    }

    /// <summary>A connection asked for a lock that it may not have.</summary>
    /// <param name="principal">Who.</param>
    /// <param name="namespace">The namespace, UTF-8.</param>
    /// <param name="resources">What.</param>
    /// <param name="peer">The peer's address.</param>
    public void LockRefused(string principal, ReadOnlySpan<byte> @namespace, ResourceSet resources, string peer)
    {
        if (MayTell(out var before))
        {
            LockRefusal(
                logger,
                principal,
                Shown(Encoding.UTF8.GetString(@namespace)),
                Shown(resources.ToString()),
                peer,
                before
            );
        }
    }

    /// <summary>Somebody did what needs the right to revoke or to administer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="principal">Who.</param>
    /// <param name="what">What.</param>
    /// <param name="subject">To what.</param>
    public void Done(HttpContext context, string principal, string what, string subject) =>
        Deed(logger, principal, what, Shown(subject), Peer(context), ForwardedFrom(context));

    /// <summary>The peer's address, for people.</summary>
    public static string Peer(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    /// <inheritdoc/>
    public void Dispose() => limiter.Dispose();

    // Said by another node, or by whoever says to be one.
    private static string ForwardedFrom(HttpContext context)
    {
        var said = context.Request.Headers[ForwardedFor].ToString();
        return System.Net.IPAddress.TryParse(said, out var address) ? address.ToString() : "";
    }

    // What a client chose makes neither lines of its own nor long ones.
    private static string Shown(string? text) =>
        text is null ? ""
        : text.Length <= Limits.AuditTextChars ? PrintableText.Of(text)
        : PrintableText.Of(text[..Limits.AuditTextChars]) + "…";

    private bool MayTell(out long before)
    {
        before = 0;
        using var lease = limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            Interlocked.Increment(ref leftOut);
            return false;
        }

        before = Interlocked.Exchange(ref leftOut, 0);
        return true;
    }

    [LoggerMessage(
        600,
        LogLevel.Warning,
        "Refused: {Principal} asked for {Method} {Path} from {Peer} (forwarded for '{ForwardedFor}'): {Why}; "
            + "{LeftOut} refusals before it were not told"
    )]
    private static partial void Refusal(
        ILogger logger,
        string principal,
        string method,
        string? path,
        string peer,
        string forwardedFor,
        string why,
        long leftOut
    );

    [LoggerMessage(
        601,
        LogLevel.Warning,
        "Refused: {Principal} asked for a lock of {Resources} in {Namespace} from {Peer}; {LeftOut} refusals before it "
            + "were not told"
    )]
    private static partial void LockRefusal(
        ILogger logger,
        string principal,
        string @namespace,
        string resources,
        string peer,
        long leftOut
    );

    [LoggerMessage(
        602,
        LogLevel.Information,
        "{Principal} did {What} {Subject} from {Peer} (forwarded for '{ForwardedFor}')"
    )]
    private static partial void Deed(
        ILogger logger,
        string principal,
        string what,
        string subject,
        string peer,
        string forwardedFor
    );
}
