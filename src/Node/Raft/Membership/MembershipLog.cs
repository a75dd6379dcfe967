// The log events of the members. Raft/Log.cs lists which room has which numbers.
namespace RaftLocks.Node.Raft.Membership;

internal static partial class MembershipLog
{
    [LoggerMessage(
        112,
        LogLevel.Warning,
        "{Member} is sent nothing: its build supports feature level {Level} and snapshots of version {Version}, "
            + "the cluster is at level {InForce} and version {Written}. Start it with the version that the others have"
    )]
    public static partial void MemberTooOld(
        ILogger logger,
        string member,
        int level,
        int version,
        int inForce,
        int written
    );
}
