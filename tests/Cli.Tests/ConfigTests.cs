// The configuration file: clusters by name, which of all sources counts, and errors with their line.
namespace RaftLocks.Cli.Tests;

public sealed class ConfigTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("raftlocks-cli-");
    private readonly ScriptedPages prod = Pages();
    private readonly ScriptedPages test = Pages();

    private string Path1 => Path.Combine(folder.FullName, "config.ini");

    public void Dispose()
    {
        prod.Dispose();
        test.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_cluster_is_found_by_its_name_with_its_namespace_and_token()
    {
        Write();

        Assert.Equal(0, (await RunAsync("ls", "--cluster", "prod")).Code);
        Assert.StartsWith("/v1/locks?namespace=shop&", Assert.Single(prod.Asked).Address, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("member", "list", "--cluster", "prod")).Code);
        Assert.Equal(0, (await RunAsync("member", "list", "--cluster", "test")).Code);
        Assert.Equal("Bearer from-the-file", prod.Tokens.Last());
        Assert.Equal("Bearer in-line", Assert.Single(test.Tokens));
    }

    [Fact]
    public async Task Certificates_are_found_beside_the_file_and_a_bad_one_is_wrong_usage()
    {
        using var authority = new TestAuthority();
        await File.WriteAllTextAsync(
            Path1,
            $"""
            [odd]
            nodes = {prod.Url}
            tls-ca = odd-ca.pem
            """
        );

        var missing = await RunAsync("ls", "--cluster", "odd");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "odd-ca.pem"), "nothing");
        var empty = await RunAsync("ls", "--cluster", "odd");
        var overruled = await RunAsync("ls", "--cluster", "odd", "--tls-ca", authority.CaFile);
        var half = await RunAsync(
            "ls",
            "--cluster",
            "odd",
            "--tls-ca",
            authority.CaFile,
            "--tls-cert",
            authority.CaFile
        );

        Assert.Equal(
            (ExitCodes.WrongUsage, ExitCodes.WrongUsage, 0, ExitCodes.WrongUsage),
            (missing.Code, empty.Code, overruled.Code, half.Code)
        );
        Assert.Contains(Path.Combine(folder.FullName, "odd-ca.pem"), missing.Error, StringComparison.Ordinal);
        Assert.Contains("has no certificate", empty.Error, StringComparison.Ordinal);
        Assert.Contains("belong together", half.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_name_it_is_the_default()
    {
        Write();

        Assert.Equal(0, (await RunAsync("ls")).Code);

        Assert.Single(test.Asked);
        Assert.Empty(prod.Asked);
    }

    [Fact]
    public async Task The_command_line_counts_before_the_environment_and_that_before_the_file()
    {
        Write();
        (string, string)[] variables =
        [
            ("RAFTLOCKS_NODES", test.Url),
            ("RAFTLOCKS_NAMESPACE", "env"),
            ("RAFTLOCKS_CONFIG", Path1),
        ];

        Assert.Equal(0, (await ProcessAsync(variables, "ls", "--cluster", "prod")).Code);
        Assert.Contains("namespace=shop&", Assert.Single(prod.Asked).Address, StringComparison.Ordinal);

        Assert.Equal(0, (await ProcessAsync(variables, "ls")).Code);
        Assert.Contains("namespace=env&", Assert.Single(test.Asked).Address, StringComparison.Ordinal);

        Assert.Equal(0, (await ProcessAsync(variables, "ls", "--node", prod.Url, "--namespace", "line")).Code);
        Assert.Contains("namespace=line&", prod.Asked.Last().Address, StringComparison.Ordinal);

        Assert.Equal(
            0,
            (
                await ProcessAsync(
                    [("RAFTLOCKS_CLUSTER", "prod"), ("RAFTLOCKS_CONFIG", Path1), ("RAFTLOCKS_ADMIN_TOKEN", "env")],
                    "member",
                    "list"
                )
            ).Code
        );
        Assert.Equal("Bearer env", prod.Tokens.Last());
    }

    [Fact]
    public async Task The_usual_place_is_read_and_need_not_be_there()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "raftlocks"));
        Write();
        File.Move(Path1, Path.Combine(folder.FullName, "raftlocks", "config.ini"));
        File.Move(
            Path.Combine(folder.FullName, "prod.token"),
            Path.Combine(folder.FullName, "raftlocks", "prod.token")
        );

        Assert.Equal(0, (await ProcessAsync([("XDG_CONFIG_HOME", folder.FullName)], "ls", "--cluster", "prod")).Code);
        var missing = await ProcessAsync([("XDG_CONFIG_HOME", folder.FullName + "/no")], "ls", "--cluster", "prod");

        Assert.Equal(ExitCodes.WrongUsage, missing.Code);
        Assert.Contains("there is no configuration file", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_given_never_gets_a_named_cluster_s_token()
    {
        Write();

        Assert.Equal(0, (await RunAsync("member", "list", "--node", prod.Url)).Code);

        Assert.Equal("", Assert.Single(prod.Tokens));
    }

    [Theory]
    [InlineData("nodes = http://a", ":1: 'nodes' is not known above")]
    [InlineData("[prod", ":1: '[prod' is no heading")]
    [InlineData("[]", ":1: '[]' is no heading")]
    [InlineData("# one\n\n[prod]\nnodes", ":4: 'nodes' is no line such as")]
    [InlineData("[prod]\nnodes =", ":2: 'nodes' has no value")]
    [InlineData(
        "[prod]\nnodes = http://a\nnodes = http://b",
        ":3: 'nodes' is not known in [prod], or stands there already"
    )]
    [InlineData("[prod]\nnode = http://a", ":2: 'node' is not known in [prod]")]
    [InlineData("[prod]\nnodes = http://a\n[prod]\nnodes = http://a", ":3: [prod] stands here a second time")]
    [InlineData("[prod]\nnamespace = a", "[prod] has no line 'nodes = …'")]
    [InlineData(
        "[prod]\nnodes = http://a\ntoken = a\ntoken-file = b",
        ":4: 'token-file' is not known in [prod], or stands there already"
    )]
    [InlineData("[prod]\nnodes = nonsense", "nodes of [prod]")]
    [InlineData("[prod]\nnodes = http://a\ntoken-file = nowhere", "The token file of [prod]")]
    [InlineData("[other]\nnodes = http://a", "There is no cluster 'prod'")]
    [InlineData("", "There is no cluster 'prod'")]
    public async Task A_mistake_is_told_with_its_line(string text, string expected)
    {
        await File.WriteAllTextAsync(Path1, text);

        var ended = await RunAsync("member", "list", "--cluster", "prod");

        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Contains(Path1, ended.Error, StringComparison.Ordinal);
    }

    private static ScriptedPages Pages() =>
        new ScriptedPages().With("/v1/locks", """{"requests":[]}""").With("/v1/admin/members", """{"members":[]}""");

    private static async Task<Outcome> ProcessAsync((string Name, string Value)[] variables, params string[] arguments)
    {
        using var process = new CommandProcess([], variables, arguments);
        return await process.EndAsync();
    }

    private void Write()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "prod.token"), "from-the-file\n");
        File.WriteAllText(
            Path1,
            $"""
            ; clusters
            default = test

            [prod]
            nodes = {prod.Url} , {prod.Url}
            namespace=shop
            token-file = prod.token

            [test]
              nodes = {test.Url}
            token = in-line
            """
        );
    }

    private Task<Outcome> RunAsync(params string[] arguments) =>
        Commands.RunAsync(
            "",
            arguments.Contains("--node", StringComparer.Ordinal) ? arguments : [.. arguments, "--config", Path1]
        );
}
