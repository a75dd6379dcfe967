// What the nodes said in one round of asking all of them.
using System.Net;

namespace RaftLocks.Api;

/// <summary>One round of requests.</summary>
/// <param name="request">The request.</param>
internal sealed class Round(ApiRequest request)
{
    private ApiException? refusal;
    private ApiException? notNow;
    private NoAnswerException? last;

    /// <summary>Why the last one asked did not help; a part of a sentence.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Whether another round may end otherwise: a leader may be elected.</summary>
    public bool MayChange => notNow is not null;

    /// <summary>Notes a refusal; the exception that ends all, if no other node would say anything else.</summary>
    public ApiException? Refused(HttpStatusCode status, string said)
    {
        var why = new ApiRefusedException(status, said);
        Problem = $"it answers {(int)status}{(said.Length > 0 ? ": " + said : "")}";
        if (status == HttpStatusCode.ServiceUnavailable)
        {
            notNow = why;
            return null;
        }

        if (IsFinal(status, said))
        {
            return why;
        }

        refusal ??= why;
        return null;
    }

    /// <summary>Notes that there was no answer.</summary>
    public void Silent(Uri node, NoAnswerException why)
    {
        last = why;
        Problem = why.Message;
        if (why.IsElsewhere)
        {
            notNow = new ApiUnreachableException(
                $"{node.GetLeftPart(UriPartial.Authority)} answers, but its leader does not: {why.Message}."
            );
        }
    }

    /// <summary>Notes that the leader must not be told the admin token.</summary>
    public void Untrusted(UntrustedRedirectException why)
    {
        refusal ??= new ApiException(why.Sentence, why);
        Problem = why.Message;
    }

    /// <summary>Returns why no node answered.</summary>
    public ApiException End(IReadOnlyList<Uri> nodes)
    {
        var names = string.Join(", ", nodes.Select(node => node.Authority));
        var why = (last?.Message ?? "none is known").TrimEnd('.');
        return notNow ?? refusal ?? new ApiUnreachableException($"No node answers ({names}): {why}.");
    }

    // Another node may be one where this one is another program, or is told of another token. An error stays one.
    private bool IsFinal(HttpStatusCode status, string said) =>
        status switch
        {
            HttpStatusCode.NotFound => request.NoSuch is { } known && said.StartsWith(known, StringComparison.Ordinal),
            HttpStatusCode.Unauthorized
            or HttpStatusCode.Forbidden
            or HttpStatusCode.MethodNotAllowed
            or HttpStatusCode.ProxyAuthenticationRequired
            or HttpStatusCode.UpgradeRequired
            or HttpStatusCode.TooManyRequests => false,
            _ => (int)status is >= 400 and < 500,
        };
}
