// What is not UTF-8: a command gets the bytes that were written; everything else is refused, because a path or a name
// must not become another one.
using System.Globalization;

namespace RaftLocks.Cli.Tests;

public sealed class RawBytesTests(OneNode node) : IClassFixture<OneNode>
{
    // Latin-1's é, an overlong slash, a lone continuation byte and half a character.
    private const string Bytes = @"caf\351-\300\257-\200-\342\202";
    private const string Hex = "636166e92dc0af2d802de282";

    // .NET can start no process with such arguments: a shell makes them.
    private const string Launcher = $"bytes=\"$(printf '{Bytes}')\"; export BYTES=\"$bytes\"; ";

    [Fact]
    public async Task A_command_gets_its_arguments_and_its_environment_as_they_are()
    {
        using var run = Shell(
            "\"$@\" sh -c 'printf %s \"$1|$BYTES|$2\" | od -An -v -tx1' name \"$bytes\" \"\"",
            "run",
            "--write",
            "a",
            "--"
        );

        var ended = await run.EndAsync();

        Assert.Equal(0, ended.Code);
        Assert.Equal($"{Hex}7c{Hex}7c", string.Concat(ended.Out.Where(char.IsAsciiHexDigit)));
    }

    [Fact]
    public async Task A_program_is_found_by_its_bytes_and_in_a_path_of_bytes()
    {
        var script =
            "cd \"$(mktemp -d)\"; mkdir \"$bytes\"; printf '#!/bin/sh\\necho found $1\\n' > \"$bytes/$bytes\"; "
            + "chmod +x \"$bytes/$bytes\"; "
            + "export PATH=\"$PATH:$PWD/$bytes\"; \"$@\" \"$bytes\" it; rm -r \"$PWD\"";
        using var run = Shell(script, "run", "--write", "a", "--");

        Assert.Contains("found it", (await run.EndAsync()).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run --write \"$bytes\" -- true")]
    [InlineData("run --read \"a/$bytes\" -- true")]
    [InlineData("run --write a --label \"$bytes\" -- true")]
    [InlineData("run \"$bytes\" --write a")]
    [InlineData("elect \"$bytes\" -- true")]
    [InlineData("elect --once -- \"$bytes\" true")]
    [InlineData("lock --write \"$bytes\"")]
    [InlineData("ls \"$bytes\"")]
    [InlineData("ls -- \"$bytes\"")]
    [InlineData("explain --write \"$bytes\"")]
    public async Task Elsewhere_it_is_wrong_usage(string arguments)
    {
        using var run = Shell($"\"$@\" {arguments}");

        var ended = await run.EndAsync();

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains("is not UTF-8", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_variable_of_its_own_it_is_wrong_usage()
    {
        using var run = Shell("export RAFTLOCKS_NAMESPACE=\"$bytes\"; \"$@\" ls");

        var ended = await run.EndAsync();

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains("RAFTLOCKS_NAMESPACE is not UTF-8", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_replacement_character_itself_is_a_character_as_any_other()
    {
        using var run = Shell(
            "\"$@\" sh -c 'printf %s \"$1\" | od -An -tx1' name \"$(printf '\\357\\277\\275')\"",
            "run",
            "--write",
            "\uFFFD",
            "--"
        );

        var ended = await run.EndAsync();

        Assert.Equal(0, ended.Code);
        Assert.Equal("efbfbd", string.Concat(ended.Out.Where(char.IsAsciiHexDigit)));
    }

    private CommandProcess Shell(string script, params string[] arguments) =>
        new(
            ["sh", "-c", Launcher + script, "sh"],
            [
                ("RAFTLOCKS_NODES", node.Node.Url.ToString()),
                ("RAFTLOCKS_NAMESPACE", string.Create(CultureInfo.InvariantCulture, $"bytes-{Guid.NewGuid():N}")),
            ],
            arguments
        );
}
