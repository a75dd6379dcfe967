// The node's manual pages and completion have every setting and every subcommand, and the build says what it is.
using System.Reflection;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Settings;

public class ManualTests
{
    [Fact]
    public void The_page_has_every_setting()
    {
        var page = ManualCommand.Pages()[0].Write("1.2.3").Replace("\\-", "-", StringComparison.Ordinal);

        Assert.All(
            Setting.All,
            setting =>
            {
                Assert.Contains($"\\fB{setting.Option}\\fR", page, StringComparison.Ordinal);
                Assert.Contains(setting.Description[..20], page, StringComparison.Ordinal);
            }
        );
        Assert.Contains(".SH \"EXIT STATUS\"", page, StringComparison.Ordinal);
        Assert.Contains("raftlocks-node healthcheck", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Subcommands_have_pages_of_their_own() =>
        Assert.Equal(
            ["raftlocks-node.8", "raftlocks-node-snapshot.8", "raftlocks-node-snapshot-restore.8"],
            ManualCommand.Pages().Select(page => page.FileName)
        );

    [Fact]
    public void The_completion_has_every_setting_and_subcommand()
    {
        var completion = ManualCommand.Completion();

        Assert.All(
            Setting.All.Select(setting => setting.Option).Concat(["--help", "--version", "healthcheck", "snapshot"]),
            word => Assert.Contains(word, completion, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void All_parts_of_a_build_have_one_version()
    {
        var versions = new[] { typeof(ProductVersion), typeof(NodeResponse), typeof(LockStateMachine) }.Select(type =>
            type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion
        );

        var version = Assert.Single(versions.Distinct(StringComparer.Ordinal));
        Assert.Equal(
            version,
            ProductVersion.Commit is { } commit ? $"{ProductVersion.Text}+{commit}" : ProductVersion.Text
        );
        Assert.Matches(@"^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$", ProductVersion.Text);
    }
}
