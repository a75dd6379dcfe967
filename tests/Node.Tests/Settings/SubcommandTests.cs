// An error in a subcommand of raftlocks-node ends with code 2, as a wrong setting does; so does one that has moved,
// with a sentence that names the command to call.
using RaftLocks.Node.Backup;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Settings;

public class SubcommandTests
{
    [Theory]
    [InlineData("snapshot")]
    [InlineData("snapshot", "restore", "file")]
    public async Task A_mistake_ends_with_2(params string[] arguments) =>
        Assert.Equal(2, await SnapshotCommand.RunAsync(arguments));

    [Theory]
    [InlineData("raftlocks member list|add|remove", "member")]
    [InlineData("raftlocks member list|add|remove", "member", "add", "n4,10.0.0.4:7009,http://10.0.0.4:9009")]
    [InlineData("raftlocks verify PATH", "verify", "/data", "--head", "http://10.0.0.1:9009")]
    [InlineData("raftlocks snapshot save FILE", "snapshot", "save", "file")]
    public void A_command_that_has_moved_names_the_one_to_call(string command, params string[] arguments) =>
        Assert.Contains($"call {command} ", MovedCommands.Find(arguments), StringComparison.Ordinal);

    [Theory]
    [InlineData]
    [InlineData("snapshot", "restore", "file", "--data", "d")]
    [InlineData("healthcheck")]
    [InlineData("--member", "n1,10.0.0.1:7009,http://10.0.0.1:9009")]
    public void Others_have_not_moved(params string[] arguments) => Assert.Null(MovedCommands.Find(arguments));
}
