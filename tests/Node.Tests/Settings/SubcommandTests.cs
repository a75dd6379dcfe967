// A mistake in a subcommand of raftlocks-node ends with code 2, as a wrong setting does.
using RaftLocks.Node.Backup;
using RaftLocks.Node.Membership;

namespace RaftLocks.Node.Tests.Settings;

public class SubcommandTests
{
    [Theory]
    [InlineData("snapshot")]
    [InlineData("snapshot", "restore", "file")]
    [InlineData("snapshot", "save")]
    [InlineData("member", "lst")]
    [InlineData("member", "add")]
    public async Task A_mistake_ends_with_2(params string[] arguments) =>
        Assert.Equal(2, await (arguments[0] == MemberCommand.Name ? MemberCommand.RunAsync(arguments) : SnapshotCommand.RunAsync(arguments)));
}
