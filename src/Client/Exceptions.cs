// What can go wrong, one type for each thing that a caller would do something different about.
namespace RaftLocks.Client;

/// <summary>Something went wrong with a lock or the cluster.</summary>
public class RaftLocksException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The lock was not acquired within the time that the caller gave.</summary>
public sealed class LockNotAcquiredException(string message) : RaftLocksException(message);

/// <summary>No node gave an answer within <see cref="RaftLocksOptions.ReachTimeout"/>; the message has the last problem.</summary>
public sealed class ClusterUnreachableException(string message, Exception? inner = null) : RaftLocksException(message, inner);

/// <summary>The cluster refuses what this client asks for: trying again won't help.</summary>
public sealed class LockRefusedException(string message) : RaftLocksException(message);

/// <summary>An operator ended the request.</summary>
public sealed class LockRevokedException(string message) : RaftLocksException(message);

/// <summary>The lock is lost, so that this can't be done any more.</summary>
public sealed class LockLostException(string message) : RaftLocksException(message);

/// <summary>Another connection uses this client's session. This client is of no more use: its locks are lost to it.</summary>
public sealed class SessionReplacedException(string message) : RaftLocksException(message);
