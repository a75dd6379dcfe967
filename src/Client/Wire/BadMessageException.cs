// What a node said is no message of the protocol, or can't be an answer to what it was sent. Nothing of it is believed:
// the connection ends.
namespace RaftLocks.Client.Wire;

/// <summary>A node said what no node of RaftLocks says.</summary>
/// <param name="message">What was wrong with it, for people.</param>
/// <param name="inner">The cause, if there is one.</param>
internal sealed class BadMessageException(string message, Exception? inner = null)
    : Exception($"the node sent what is no message of its protocol: {message}", inner);
