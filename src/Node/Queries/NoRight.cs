// What is said to those who may not see or do what they ask for. Nothing of what is there shows in it.
namespace RaftLocks.Node.Queries;

internal static class NoRight
{
    /// <summary>To whoever may not see it.</summary>
    public const string ToObserve =
        "You may not see this: a policy must allow 'observe' on all its paths (raftlocks auth policy create).";

    /// <summary>To whoever may not take it away.</summary>
    public const string ToRevoke =
        "You may not revoke this: a policy must allow 'revoke' on all its paths (raftlocks auth policy create).";
}
