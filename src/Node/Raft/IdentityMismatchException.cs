// Why a cluster refuses a node.
namespace RaftLocks.Node.Raft;

/// <summary>The cluster knows another node of this name or address, with other data: this node is a replaced
/// member.</summary>
public sealed class IdentityMismatchException(string message) : Exception(message);
