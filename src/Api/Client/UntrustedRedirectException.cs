// A node names a leader that must not be told the admin token.
namespace RaftLocks.Api;

/// <summary>The message is a part of a sentence, behind the node that was asked.</summary>
internal sealed class UntrustedRedirectException(Uri node, Uri leader)
    : Exception(
        $"it names {leader.GetLeftPart(UriPartial.Authority)} as the leader, which is none of the nodes that you gave:"
            + " a token is sent to those only, so give that address too"
    )
{
    /// <summary>The same as a sentence.</summary>
    public string Sentence => $"{node.GetLeftPart(UriPartial.Authority)}: {Message}.";
}
