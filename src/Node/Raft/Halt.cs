// A node that ends by itself says why, and whether its data or its disk is to blame: a service manager may start it again after the latter only.
namespace RaftLocks.Node.Raft;

/// <summary>Why a node can't go on.</summary>
/// <param name="Reason">What happened and what to do.</param>
/// <param name="IsDisk">Whether its disk is to blame, and not its data: then it may be started again once the disk is well.</param>
public sealed record Halt(string Reason, bool IsDisk);
