// Files of certificates that change under a running node, and files that can't be used.
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Api;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Tls;

public sealed class WatchedCertificatesTests : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(Limits.CertificateLookMs);

    private readonly TestAuthority authority = new();
    private readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task A_certificate_whose_key_is_written_a_moment_later_is_no_problem()
    {
        var (cert, key) = authority.Issue("node");
        var certificates = Watch(cert, key);
        using var end = new CancellationTokenSource();
        var watching = certificates.RunAsync(end.Token);
        var (before, oldKey) = (certificates.Current, await File.ReadAllTextAsync(key));
        authority.Issue("node");
        var newKey = await File.ReadAllTextAsync(key);
        await File.WriteAllTextAsync(key, oldKey);

        time.Advance(Look);
        Assert.Null(certificates.Problem);
        Assert.Same(before, certificates.Current);

        await File.WriteAllTextAsync(key, newKey);
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(Look);
            return Task.FromResult(certificates.Current != before);
        });
        Assert.Null(certificates.Problem);
        await end.CancelAsync();
        await watching;
    }

    [Fact]
    public async Task A_key_that_stays_another_one_is_told()
    {
        var (cert, key) = authority.Issue("node");
        var certificates = Watch(cert, key);
        using var end = new CancellationTokenSource();
        var watching = certificates.RunAsync(end.Token);
        File.Copy(authority.Issue("other").Key, key, overwrite: true);

        await Eventually.HoldsAsync(() =>
        {
            time.Advance(Look);
            return Task.FromResult(certificates.Problem is not null);
        });

        Assert.Contains("is not the private key of", certificates.Problem, StringComparison.Ordinal);
        await end.CancelAsync();
        await watching;
    }

    [Fact]
    public void Files_that_cannot_be_used_are_refused_with_a_reason()
    {
        var (cert, key) = authority.Issue("node");
        var pem = File.ReadAllText(cert);

        Assert.Contains("can't be read", Refused(cert + ".missing", key), StringComparison.Ordinal);
        Assert.Contains("has no certificate", Refused(key, key), StringComparison.Ordinal);
        Assert.Contains("is not the private key", Refused(cert, cert), StringComparison.Ordinal);
        File.WriteAllText(cert, pem.TrimEnd() + pem);
        Assert.Contains("of 2 certificates", Refused(cert, key), StringComparison.Ordinal);
        File.WriteAllText(cert, pem.Replace("MII", "XXX", StringComparison.Ordinal));
        Assert.Contains("can't be read", Refused(cert, key), StringComparison.Ordinal);
        File.WriteAllText(key, "-----BEGIN ENCRYPTED PRIVATE KEY-----");
        File.WriteAllText(cert, pem);
        Assert.Contains("password", Refused(cert, key), StringComparison.Ordinal);
    }

    private WatchedCertificates Watch(string cert, string key) =>
        new("client", new CertificatePaths { Certificate = cert, Key = key }, NullLogger.Instance, time);

    private string Refused(string cert, string key) =>
        Assert.Throws<CertificateFileException>(() => Watch(cert, key)).Message;
}
