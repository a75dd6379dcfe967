// No cluster is open to strangers unless somebody has said so.
using System.Collections;
using System.Net;
using Microsoft.Extensions.Configuration;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Settings;

public sealed class RaftSettingsTests
{
    private static readonly string[] Files =
    [
        "--raft-tls-cert",
        "n1.crt",
        "--raft-tls-key",
        "n1.key",
        "--raft-tls-ca",
        "ca.crt",
    ];

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("node1")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1", "--raft-listen", "0.0.0.0:7009")]
    [InlineData("127.0.0.1", "--raft-listen", "[::]:7009")]
    public void A_cluster_that_others_reach_needs_certificates_or_insecure(string host, params string[] more)
    {
        string[] cluster = [.. Members(host), .. more];
        var (refused, said) = Read(cluster);
        Assert.Null(refused);
        Assert.Contains("--raft-tls-cert", said, StringComparison.Ordinal);
        Assert.Contains("--insecure", said, StringComparison.Ordinal);

        Assert.True(Read([.. cluster, "--insecure"]).Settings!.Insecure);
        Assert.NotNull(Read([.. cluster, .. Files]).Settings!.RaftCertificates);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("10.0.0.1", "--raft-listen", "127.0.0.1:7009")]
    public void A_cluster_on_one_machine_needs_neither(string host, params string[] more) =>
        Assert.False(Read([.. Members(host), .. more]).Settings!.IsRaftUnguarded);

    [Fact]
    public void A_node_that_joins_needs_them_too()
    {
        string[] joining = ["--name", "n2", .. Two("10.0.0.1"), "--join"];
        Assert.Null(Read(joining).Settings);
        Assert.NotNull(Read([.. joining, "--insecure"]).Settings);
    }

    [Fact]
    public void A_node_that_is_alone_starts_and_knows_that_it_may_only_be_alone()
    {
        var (settings, _) = Read("--member", "n1,10.0.0.1:7009,http://10.0.0.1:9009");
        Assert.True(settings!.IsRaftUnguarded);
        Assert.False(Read().Settings!.IsRaftUnguarded);
    }

    [Fact]
    public void The_three_files_belong_together()
    {
        var (settings, said) = Read([.. Members("127.0.0.1"), .. Files[..4]]);
        Assert.Null(settings);
        Assert.Contains("give all three", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_that_counts_is_the_one_that_is_listened_to()
    {
        var (settings, _) = Read([.. Members("10.0.0.1"), "--raft-listen", "127.0.0.1:7019"]);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:7019"), settings!.RaftListen);
    }

    private static string[] Two(string host) =>
        ["--member", $"n1,{host}:7009,http://10.0.0.1:9009", "--member", "n2,10.0.0.2:7009,http://10.0.0.2:9009"];

    private static string[] Members(string host) =>
        ["--name", "n1", .. Two(host), "--member", "n3,10.0.0.3:7009,http://10.0.0.3:9009"];

    private static (NodeSettings? Settings, string Said) Read(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var read = CommandLine.Read(arguments, new Hashtable(), new ConfigurationBuilder().Build(), output, error);
        return (read.Settings, error.ToString());
    }
}
