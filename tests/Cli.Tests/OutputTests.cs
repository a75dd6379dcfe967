// What happens to the output: a full disk, a reader that leaves, streams that are closed. Never an exception, and never
// a command that goes on for nobody.
using System.Diagnostics;

namespace RaftLocks.Cli.Tests;

public sealed class OutputTests(OneNode node) : IClassFixture<OneNode>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("ls > /dev/full", ExitCodes.Failed, "No space left on device")]
    [InlineData("status > /dev/full", ExitCodes.Failed, "No space left on device")]
    [InlineData("--help > /dev/full", ExitCodes.Failed, "No space left on device")]
    [InlineData("ls --json > /dev/full", ExitCodes.Failed, "No space left on device")]
    [InlineData("lock --write full < /dev/null > /dev/full", ExitCodes.Failed, "No space left on device")]
    [InlineData("ls >&-", ExitCodes.Failed, "Bad file descriptor")]
    [InlineData("ls nothing 2> /dev/full", 0, "")]
    [InlineData("nonsense 2> /dev/full", ExitCodes.WrongUsage, "")]
    [InlineData("ls nothing 2>&-", 0, "")]
    [InlineData("run --write full -- sh -c 'sleep 1000 & exit 4' 2> /dev/full", 4, "")]
    [InlineData("run --write closed -- sh -c 'exit 5' <&-", 5, "")]
    public async Task It_can_t_be_written_to(string command, int code, string expected)
    {
        var (ended, _, error) = await ShellAsync($"raftlocks {command}");

        Assert.Equal(code, ended);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("watch --after 0-0 --namespace reader | head -n 1")]
    [InlineData("history --namespace reader --json | head -n 1")]
    [InlineData("elect nobody --watch | true")]
    public async Task A_reader_that_leaves_ends_it_without_a_word(string command)
    {
        await Commands.RunAsync(node.Node, "bench", "--for", "300ms", "--workers", "4", "--namespace", "reader");

        // What happens later lets a watch notice that nobody reads.
        using var more = new CancellationTokenSource();
        var busy = Task.Run(async () =>
        {
            while (!more.IsCancellationRequested)
            {
                await Commands.RunAsync(
                    node.Node,
                    "bench",
                    "--for",
                    "100ms",
                    "--workers",
                    "1",
                    "--namespace",
                    "reader"
                );
            }
        });
        var (ended, _, error) = await ShellAsync(
            command.Contains("elect", StringComparison.Ordinal) ? $"raftlocks {command}" : $"{{ raftlocks {command}; }}"
        );
        await more.CancelAsync();
        await busy;

        Assert.Equal(0, ended);
        Assert.Empty(error);
    }

    [Fact]
    public async Task Without_its_folder_it_works_too()
    {
        var (ended, output, error) = await ShellAsync(
            "mkdir gone && cd gone && rmdir ../gone && raftlocks run --write gone -- echo here"
        );

        Assert.Equal((0, "here"), (ended, output.Trim()));
        Assert.Empty(error);
    }

    private async Task<(int Code, string Out, string Error)> ShellAsync(string script)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-cli-");
        try
        {
            var function = $"raftlocks() {{ '{CommandProcess.Host}' '{typeof(App).Assembly.Location}' \"$@\"; }}\n";
            var start = new ProcessStartInfo("bash")
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = folder.FullName,
                ArgumentList = { "-c", function + script },
            };
            start.Environment["RAFTLOCKS_NODES"] = node.Node.Url.ToString();
            using var shell = Process.Start(start)!;
            try
            {
                var output = shell.StandardOutput.ReadToEndAsync();
                var error = shell.StandardError.ReadToEndAsync();
                await shell.WaitForExitAsync().WaitAsync(Bound);
                return (shell.ExitCode, await output, await error);
            }
            finally
            {
                shell.Kill(entireProcessTree: true);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
