// From command line, environment and file to checked settings.
using System.Collections;
using System.Net;
using Microsoft.Extensions.Configuration;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Settings;

public sealed class SettingsTests : IDisposable
{
    private const string ThreeMembers =
        "n1,10.0.0.1:7009,http://10.0.0.1:9009;n2,10.0.0.2:7009,http://10.0.0.2:9009;"
        + "n3,node3:7009,https://node3,http://10.0.0.3:9009";

    // What a cluster beyond this machine needs has tests of its own.
    private readonly Dictionary<string, string> environment = new() { ["RAFTLOCKS_INSECURE"] = "true" };
    private readonly Dictionary<string, string?> file = [];
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    [Fact]
    public void Without_arguments_it_is_a_single_node_on_loopback()
    {
        var settings = Accepted();

        Assert.Equal("n1", settings.Name);
        Assert.Equal(["http://127.0.0.1:9009"], settings.ListenUrls);
        Assert.Equal(Path.GetFullPath("raftlocks-data"), settings.DataDirectory);
        Assert.Equal(("n1", "127.0.0.1"), (Assert.Single(settings.Members).Name, settings.Self.RaftHost));
        Assert.Equal(new Uri("http://127.0.0.1:9009"), settings.Self.ClientUrl);
        Assert.Equal(FollowerMode.Redirect, settings.FollowerMode);
        Assert.Equal(
            (60_000, 10_000, 20_000),
            (settings.DefaultAbandonTimeoutMs, settings.PingIntervalMs, settings.PingTimeoutMs)
        );
        Assert.False(settings.AllowEmptyPath);
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        file["RaftLocks:PingIntervalMs"] = "1000";
        file["RaftLocks:PingTimeoutMs"] = "1000";
        file["RaftLocks:DefaultAbandonTimeoutMs"] = "1000";
        environment["RAFTLOCKS_PING_TIMEOUT_MS"] = "2000";
        environment["RAFTLOCKS_DEFAULTABANDONTIMEOUTMS"] = "2000";

        var settings = Accepted("--default-abandon-timeout-ms", "3000");

        Assert.Equal(
            (1000, 2000, 3000),
            (settings.PingIntervalMs, settings.PingTimeoutMs, settings.DefaultAbandonTimeoutMs)
        );
    }

    [Fact]
    public void Members_can_be_given_in_all_ways()
    {
        environment["RAFTLOCKS_MEMBERS"] = ThreeMembers;
        environment["RAFTLOCKS_NAME"] = "n3";
        environment["RAFTLOCKS_LISTEN"] = "http://*:9009";
        var byOneVariable = Accepted();
        environment.Remove("RAFTLOCKS_MEMBERS");
        var list = ThreeMembers.Split(';');
        for (var i = 0; i < list.Length; i++)
        {
            environment[$"RAFTLOCKS_MEMBERS__{i}"] = list[i];
        }

        var byVariables = Accepted();
        environment.Clear();
        environment["RAFTLOCKS_INSECURE"] = "true";
        file["RaftLocks:Listen"] = "http://*:9009";
        var byOptions = Accepted(["--name", "n3", .. list.SelectMany(member => new[] { "--member", member })]);
        for (var i = 0; i < list.Length; i++)
        {
            file[$"RaftLocks:Members:{i}"] = list[i];
        }

        file["RaftLocks:Name"] = "n3";
        var byFile = Accepted();

        Assert.Equal(3, byOptions.Members.Count);
        Assert.Equal(("node3", 7009), (byOptions.Self.RaftHost, byOptions.Self.RaftPort));
        Assert.Equal(
            (new Uri("https://node3"), new Uri("http://10.0.0.3:9009")),
            (byOptions.Self.ClientUrl, byOptions.Self.InternalUrl)
        );
        Assert.All([byOneVariable, byVariables, byFile], settings => Assert.Equal(byOptions.Members, settings.Members));
    }

    [Fact]
    public void A_member_listens_on_its_client_address_unless_told_otherwise()
    {
        environment["RAFTLOCKS_MEMBERS"] = ThreeMembers;

        Assert.Equal(["http://10.0.0.2:9009"], Accepted("--name", "n2").ListenUrls);
        Assert.Equal(
            ["http://*:80", "http://[::1]:81"],
            Accepted("--name", "n2", "--listen", "http://*:80", "--listen", "http://[::1]:81").ListenUrls
        );
    }

    [Fact]
    public void Raft_is_listened_to_at_the_members_address_unless_told_otherwise()
    {
        environment["RAFTLOCKS_MEMBERS"] = ThreeMembers;

        Assert.Null(Accepted("--name", "n2").RaftListen);
        Assert.Equal(
            new IPEndPoint(IPAddress.Any, 7010),
            Accepted("--name", "n2", "--raft-listen", "0.0.0.0:7010").RaftListen
        );
        Assert.Equal(
            new IPEndPoint(IPAddress.IPv6Loopback, 7010),
            Accepted("--name", "n2", "--raft-listen", "[::1]:7010").RaftListen
        );
    }

    [Theory]
    [InlineData("--allow-empty-path")]
    [InlineData("--allow-empty-path", "true")]
    [InlineData("--follower-mode", "proxy", "--allow-empty-path")]
    public void A_switch_needs_no_value(params string[] arguments) => Assert.True(Accepted(arguments).AllowEmptyPath);

    [Fact]
    public void All_mistakes_are_told_at_once_and_each_says_where_and_what_to_do()
    {
        environment["RAFTLOCKS_PING_TIMEOUT_MS"] = "soon";
        file["RaftLocks:FollowerMode"] = "drop";
        file["RaftLocks:Nmae"] = "n1";

        var told = Refused(
            "--listen",
            "not an address",
            "--ping-interval-ms",
            "-5",
            "--member",
            "only-a-name",
            "--name",
            "a b",
            "--what"
        );

        foreach (
            var part in new[]
            {
                "--listen 'not an address'",
                "http://127.0.0.1:9009",
                "--ping-interval-ms '-5'",
                "whole number from 50 to 3600000",
                "--member 'only-a-name'",
                "NAME,RAFTHOST:PORT,CLIENTURL",
                "--name 'a b'",
                "RAFTLOCKS_PING_TIMEOUT_MS 'soon'",
                "appsettings.json, RaftLocks:FollowerMode 'drop'",
                "redirect or proxy",
                "appsettings.json, RaftLocks:Nmae",
                "--what",
                "--help",
            }
        )
        {
            Assert.Contains(part, told, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("two", "--member", "n1,a:1,http://a", "--member", "n2,b:1,http://b")]
    [InlineData("n9", "--name", "n9", "--member", "n1,a:1,http://a")]
    [InlineData(
        "name 'n1'",
        "--member",
        "n1,a:1,http://a",
        "--member",
        "n1,b:1,http://b",
        "--member",
        "n3,c:1,http://c"
    )]
    [InlineData(
        "Raft address 'a:1'",
        "--member",
        "n1,a:1,http://a",
        "--member",
        "n2,a:1,http://b",
        "--member",
        "n3,c:1,http://c"
    )]
    [InlineData("'a:0'", "--member", "n1,a:0,http://a")]
    [InlineData("'ftp://a'", "--member", "n1,a:1,ftp://a")]
    [InlineData("'http://a/b'", "--member", "n1,a:1,http://a/b")]
    [InlineData("2 times", "--name", "n1", "--name", "n1")]
    [InlineData("--default-abandon-timeout-ms", "--default-abandon-timeout-ms", "604800001")]
    [InlineData("--default-abandon-timeout-ms", "--default-abandon-timeout-ms", "99999999999999")]
    [InlineData("--raft-listen", "--raft-listen", "10.0.0.1")]
    [InlineData("--raft-listen", "--raft-listen", "myhost:7009")]
    [InlineData("--data", "--data")]
    [InlineData("--allow-empty-path", "--allow-empty-path", "perhaps")]
    [InlineData("--tls-cert and --tls-key belong together", "--tls-cert", "a.pem")]
    [InlineData("--tls-client-ca", "--tls-client-ca", "ca.pem")]
    [InlineData("give --jwt-audience too", "--jwt-issuer", "https://login.example")]
    [InlineData("--jwt-keys: say whose JWTs are meant", "--jwt-keys", "keys.json")]
    [InlineData("(--jwt-keys)", "--jwt-issuer", "http://login.example", "--jwt-audience", "a")]
    [InlineData("(--jwt-keys)", "--jwt-issuer", "login", "--jwt-audience", "a")]
    [InlineData("no address is listened to by https", "--tls-cert", "a.pem", "--tls-key", "a.key")]
    [InlineData("https needs a certificate", "--listen", "https://127.0.0.1:9009")]
    [InlineData("--log-format 'xml'", "--log-format", "xml")]
    [InlineData("belong together: give both", "--snapshot-schedule", "6h")]
    [InlineData("belong together: give both", "--snapshot-folder", "/backup")]
    [InlineData("--snapshot-schedule '6x'", "--snapshot-schedule", "6x", "--snapshot-folder", "/backup")]
    [InlineData("--snapshot-schedule '0m'", "--snapshot-schedule", "0m", "--snapshot-folder", "/backup")]
    [InlineData("--snapshot-schedule '31d'", "--snapshot-schedule", "31d", "--snapshot-folder", "/backup")]
    [InlineData("--snapshot-schedule 'h'", "--snapshot-schedule", "h", "--snapshot-folder", "/backup")]
    [InlineData("--snapshot-schedule '24:00'", "--snapshot-schedule", "24:00", "--snapshot-folder", "/backup")]
    [InlineData("is in the data folder", "--data", "/d", "--snapshot-schedule", "6h", "--snapshot-folder", "/d/s")]
    [InlineData("--snapshot-keep '0'", "--snapshot-keep", "0")]
    [InlineData("stray", "stray")]
    public void A_mistake_is_named(string named, params string[] arguments) =>
        Assert.Contains(
            named.Replace("two", "not 2", StringComparison.Ordinal),
            Refused(arguments),
            StringComparison.Ordinal
        );

    [Fact]
    public void JWTs_of_an_issuer_are_accepted_for_audiences_with_claims_of_any_name()
    {
        environment["RAFTLOCKS_JWT_AUDIENCE"] = "a;b";
        var jwt = Accepted("--jwt-issuer", "https://login.example", "--jwt-name", "email").Jwt!;

        Assert.Equal(("https://login.example", "email", "groups"), (jwt.Issuer, jwt.NameClaim, jwt.GroupsClaim));
        Assert.Equal(["a", "b"], jwt.Audiences);
        Assert.Null(jwt.KeysFile);
        environment.Remove("RAFTLOCKS_JWT_AUDIENCE");
        Assert.Null(Accepted().Jwt);
    }

    [Fact]
    public void A_variable_that_is_no_setting_is_a_warning()
    {
        environment["RAFTLOCKS_NODES"] = "http://127.0.0.1:9009";
        environment["RAFTLOCKS_NAMESPACE"] = "orders";
        environment["RAFTLOCKS_FOLOWER_MODE"] = "proxy";

        var start = Read();

        Assert.NotNull(start.Settings);
        Assert.Contains("RAFTLOCKS_FOLOWER_MODE", Assert.Single(start.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_tells_every_setting_with_examples_and_exit_codes()
    {
        var start = Read("--help");

        Assert.Null(start.Settings);
        Assert.Equal(ExitCodes.Ended, start.ExitCode);
        var help = output.ToString();
        Assert.All(Setting.All, setting => Assert.Contains(setting.Option, help, StringComparison.Ordinal));
        Assert.Contains("--member n1,10.0.0.1:7009,http://10.0.0.1:9009", help, StringComparison.Ordinal);
        Assert.Contains("Exit codes", help, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_told_even_if_something_else_is_wrong_in_the_environment()
    {
        environment["RAFTLOCKS_PING_TIMEOUT_MS"] = "soon";

        Assert.Equal(ExitCodes.Ended, Read("--version").ExitCode);
        Assert.NotEmpty(output.ToString());
    }

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
    }

    private NodeSettings Accepted(params string[] arguments)
    {
        var start = Read(arguments);
        Assert.True(start.Settings is not null, error.ToString());
        return start.Settings!;
    }

    private string Refused(params string[] arguments)
    {
        var start = Read(arguments);
        Assert.Null(start.Settings);
        Assert.Equal(ExitCodes.WrongSettings, start.ExitCode);
        return error.ToString();
    }

    private ParsedSettings Read(params string[] arguments) =>
        CommandLine.Read(
            arguments,
            new Hashtable(environment),
            new ConfigurationBuilder().AddInMemoryCollection(file).Build(),
            output,
            error
        );
}
