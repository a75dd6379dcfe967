// A node gave no answer that could be one.
namespace RaftLocks.Api;

/// <summary>Why; a part of a sentence, as in "it hangs".</summary>
internal sealed class NoAnswerException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it was another node's fault, to which the one asked had sent us.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>The leader that a node named gave no answer.</summary>
    public static NoAnswerException OfLeader(Uri leader, NoAnswerException cause)
    {
        var name = leader.GetLeftPart(UriPartial.Authority);
        var message = $"it names {name} as the leader, and that one did not answer: {cause.Message}";
        return new NoAnswerException(message, cause) { IsElsewhere = true };
    }

    /// <summary>The outermost message of an exception of the network often says "see the inner exception".</summary>
    /// <param name="cause">The failure.</param>
    /// <param name="bound">How long the answer was waited for.</param>
    /// <param name="connectTimeout">How long the connection was waited for.</param>
    public static NoAnswerException Of(Exception cause, TimeSpan bound, TimeSpan connectTimeout) =>
        cause switch
        {
            OperationCanceledException { InnerException: TimeoutException } => new NoAnswerException(
                $"no connection within {connectTimeout.TotalSeconds:0} s",
                cause
            ),
            OperationCanceledException => new NoAnswerException($"nothing within {bound.TotalSeconds:0} s", cause),
            _ => new NoAnswerException((cause.InnerException ?? cause).Message, cause),
        };
}
