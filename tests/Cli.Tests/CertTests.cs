// "raftlocks cert": what it makes is what the Raft port and the client port want.
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Cli.Tests;

public sealed class CertTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("raftlocks-cert-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_node_s_certificate_names_the_member_its_hosts_and_its_addresses()
    {
        await MakeAsync("ca");
        await MakeAsync("node", "n1", "--dns", "locks.example.com", "--ip", "10.0.0.1", "--ip", "::1");
        using var node = Read("n1");
        var names = node.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["n1", "locks.example.com"], names.EnumerateDnsNames());
        Assert.Equal([IPAddress.Parse("10.0.0.1"), IPAddress.IPv6Loopback], names.EnumerateIPAddresses());
        Assert.True(IsTrusted(node, "1.3.6.1.5.5.7.3.1"));
        Assert.True(IsTrusted(node, "1.3.6.1.5.5.7.3.2"));
        Assert.InRange((node.NotAfter - DateTime.Now).TotalDays, 364, 366);
    }

    [Fact]
    public async Task A_client_s_certificate_passes_for_no_node()
    {
        await MakeAsync("ca");
        await MakeAsync("client", "n1");
        using var client = Read("n1");
        Assert.Equal("CN=n1", client.Subject);
        Assert.Empty(client.Extensions.OfType<X509SubjectAlternativeNameExtension>());
        Assert.True(IsTrusted(client, "1.3.6.1.5.5.7.3.2"));
        Assert.False(IsTrusted(client, "1.3.6.1.5.5.7.3.1"));
    }

    [Fact]
    public async Task Nothing_outlives_its_authority()
    {
        await MakeAsync("ca", "--days", "10");
        await MakeAsync("node", "n1", "--days", "400");
        using var authority = X509CertificateLoader.LoadCertificateFromFile(At("ca.crt"));
        using var node = Read("n1");
        Assert.Equal(authority.NotAfter, node.NotAfter);
        Assert.True(IsTrusted(node, "1.3.6.1.5.5.7.3.1"));
    }

    [Fact]
    public async Task A_key_is_its_owner_s_alone()
    {
        await MakeAsync("ca");
        await MakeAsync("node", "n1");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("ca.key")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("n1.key")));
        }
    }

    [Fact]
    public async Task What_is_there_is_not_replaced()
    {
        await MakeAsync("ca");
        var before = await File.ReadAllTextAsync(At("ca.key"));
        var again = await Commands.RunAsync("", "cert", "ca", "--out", folder.FullName);
        Assert.Equal(ExitCodes.Failed, again.Code);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(At("ca.key")));
    }

    [Fact]
    public async Task Without_an_authority_it_says_how_to_make_one()
    {
        var ended = await Commands.RunAsync(
            "",
            "cert",
            "node",
            "n1",
            "--ca",
            folder.FullName,
            "--out",
            folder.FullName
        );
        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("raftlocks cert ca", ended.Error, StringComparison.Ordinal);
        Assert.Empty(folder.GetFiles());
    }

    [Theory]
    [InlineData("--ip", "10.0.0.x")]
    [InlineData("--dns", "a..b")]
    public async Task A_name_that_can_not_stand_in_a_certificate_is_wrong_usage(string option, string name)
    {
        await MakeAsync("ca");
        var ended = await Commands.RunAsync(
            "",
            ["cert", "node", "n1", option, name, "--ca", folder.FullName, "--out", folder.FullName]
        );
        Assert.Equal(ExitCodes.WrongUsage, ended.Code);
        Assert.False(File.Exists(At("n1.key")));
    }

    private async Task MakeAsync(params string[] arguments)
    {
        string[] authority = arguments[0] == "ca" ? [] : ["--ca", folder.FullName];
        var ended = await Commands.RunAsync("", ["cert", .. arguments, .. authority, "--out", folder.FullName]);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Contains("valid until", ended.Out, StringComparison.Ordinal);
    }

    private string At(string file) => Path.Combine(folder.FullName, file);

    private X509Certificate2 Read(string name) =>
        X509Certificate2.CreateFromPemFile(At(name + ".crt"), At(name + ".key"));

    private bool IsTrusted(X509Certificate2 certificate, string purpose)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(At("ca.crt")));
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(purpose));
        return chain.Build(certificate);
    }
}
