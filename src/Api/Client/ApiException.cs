// Why a request to the HTTP API was not answered.
using System.Net;

namespace RaftLocks.Api;

/// <summary>There is no answer, and the message says why.</summary>
public class ApiException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ApiException(string message, Exception? inner = null)
        : base(message, inner) { }
}

/// <summary>No node gave an answer that could be one.</summary>
public sealed class ApiUnreachableException : ApiException
{
    /// <summary>Makes the exception.</summary>
    public ApiUnreachableException(string message, Exception? inner = null)
        : base(message, inner) { }
}

/// <summary>A node refused, in its own words where it had some.</summary>
public sealed class ApiRefusedException : ApiException
{
    /// <summary>Makes the exception with the node's answer.</summary>
    /// <param name="status">The answer's status.</param>
    /// <param name="said">What the node said; empty for nothing.</param>
    public ApiRefusedException(HttpStatusCode status, string said)
        : base(Sentence(status, said)) => (Status, Said) = (status, said);

    /// <summary>The answer's status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The node's own words; empty for none.</summary>
    public string Said { get; }

    private static string Sentence(HttpStatusCode status, string said) =>
        (status, said) switch
        {
            (_, { Length: > 0 }) => said,
            (HttpStatusCode.NotFound, _) =>
                "The node does not know this: it is older than this client, or no RaftLocks node.",
            _ => $"The node answers {(int)status}.",
        };
}

/// <summary>The admin token can't be sent.</summary>
public sealed class ApiTokenException()
    : ApiException("The admin token has characters that no token has: look for blanks and line ends in it.");
