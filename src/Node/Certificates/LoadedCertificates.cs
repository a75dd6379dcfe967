// What the PEM files of a port had in them when they were last read.
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Certificates;

/// <summary>The certificates of a port.</summary>
internal sealed record LoadedCertificates
{
    /// <summary>What the node shows, with its key; null for none.</summary>
    public SslStreamCertificateContext? Own { get; private init; }

    /// <summary>The authorities of those who connect; null if nobody must show a certificate.</summary>
    public X509Certificate2Collection? ClientAuthorities { get; private init; }

    /// <summary>The authorities of the nodes that this one asks; null for those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; private init; }

    /// <summary>When the first of what the node shows is valid no more; null if it shows none.</summary>
    public DateTimeOffset? ExpiresAt =>
        Own is null
            ? null
            : Own
                .IntermediateCertificates.Prepend(Own.TargetCertificate)
                .Min(one => new DateTimeOffset(one.NotAfter.ToUniversalTime()));

    /// <summary>Reads the files.</summary>
    /// <exception cref="CertificateFileException">One of them can't be used.</exception>
    public static LoadedCertificates Read(CertificatePaths paths) =>
        new()
        {
            Own = paths is { Certificate: { } certificate, Key: { } key } ? PemFiles.ReadOwn(certificate, key) : null,
            ClientAuthorities = paths.ClientAuthorities is { } clients ? PemFiles.ReadCertificates(clients) : null,
            Authorities = paths.Authorities is { } nodes ? PemFiles.ReadCertificates(nodes) : null,
        };

    /// <summary>Whether it is what the node shows itself.</summary>
    public bool IsOwn(X509Certificate2 shown) =>
        Own is { } own && own.TargetCertificate.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span);
}
