// What a node that does not lead does with clients.
namespace RaftLocks.Node.Foundation;

/// <summary>A follower's way to treat a client's handshake.</summary>
internal enum FollowerMode
{
    /// <summary>Answers with the leader's address.</summary>
    Redirect,

    /// <summary>Forwards the connection to the leader.</summary>
    Proxy,
}
