// Certificates: options that all commands share which ask a cluster, and what they come to.
using System.CommandLine;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Api;
using RaftLocks.Client;

namespace RaftLocks.Cli.Shared;

/// <summary>Whom the command line trusts, and as whom it shows itself.</summary>
/// <param name="Authorities">The authorities of the nodes; null for the system's.</param>
/// <param name="Own">Its certificate and key; null for none.</param>
internal sealed record TargetTls(X509Certificate2Collection? Authorities, SslStreamCertificateContext? Own)
{
    /// <summary>For the client of the HTTP API.</summary>
    public TlsClient Api => new() { Authorities = () => Authorities, Certificate = () => Own };

    /// <summary>For the client of the locks.</summary>
    public RaftLocksOptions AddTo(RaftLocksOptions options)
    {
        options.CertificateAuthorities = Authorities;
        options.ClientCertificates = Own is null ? null : [Own.TargetCertificate, .. Own.IntermediateCertificates];
        return options;
    }
}

/// <summary>The options.</summary>
internal sealed class TlsOptions
{
    private const string AuthoritiesVariable = "RAFTLOCKS_TLS_CA";
    private const string CertificateVariable = "RAFTLOCKS_TLS_CERT";
    private const string KeyVariable = "RAFTLOCKS_TLS_KEY";

    private readonly Option<string?> authorities = new("--tls-ca")
    {
        Description = $"Authorities of the nodes' certificates, PEM [{AuthoritiesVariable}] [default: the system's]",
        HelpName = "FILE",
    };

    private readonly Option<string?> certificate = new("--tls-cert")
    {
        Description = $"Your certificate, PEM, where the nodes want one [{CertificateVariable}]",
        HelpName = "FILE",
    };

    private readonly Option<string?> key = new("--tls-key")
    {
        Description = $"Its private key, PEM [{KeyVariable}]",
        HelpName = "FILE",
    };

    /// <summary>The options, for a command.</summary>
    public Option[] All => [authorities, certificate, key];

    /// <summary>What the options, the environment and the configuration file come to.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isAsked">Whether a named cluster was asked for: then it counts before the environment.</param>
    /// <param name="cluster">The named cluster, if there is one.</param>
    /// <exception cref="UsageException">A file can't be used.</exception>
    public TargetTls Target(ParseResult parsed, bool isAsked, NamedCluster? cluster)
    {
        var named = cluster?.Tls ?? new TlsFiles();
        string? PathOf(Option<string?> option, string variable, string? line) =>
            parsed.GetValue(option) ?? (isAsked ? line : null) ?? ClusterOptions.FromEnvironment(variable) ?? line;
        var (trusted, shown, secret) = (
            PathOf(authorities, AuthoritiesVariable, named.Authorities),
            PathOf(certificate, CertificateVariable, named.Certificate),
            PathOf(key, KeyVariable, named.Key)
        );
        if (shown is null != secret is null)
        {
            throw new UsageException("--tls-cert and --tls-key belong together: give both.");
        }

        try
        {
            return new TargetTls(
                trusted is null ? null : PemFiles.ReadCertificates(trusted),
                shown is null ? null : PemFiles.ReadOwn(shown, secret!)
            );
        }
        catch (CertificateFileException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
