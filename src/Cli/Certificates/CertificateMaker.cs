// Certificates for those who have no authority of their own. A node's certificate names it by a DNS name that is the
// member's name, as the Raft port wants it. A client's has no DNS name, so it never passes for a node.
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Cli.Certificates;

/// <summary>Makes an authority, and certificates that it signs.</summary>
/// <param name="now">The time from which they are valid; those of other clocks, too.</param>
internal sealed class CertificateMaker(DateTimeOffset now)
{
    private const int SerialBytes = 16;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // A machine whose clock is slow must not refuse what was just made.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>An authority, which signs nodes and clients but no other authority.</summary>
    public X509Certificate2 Authority(string name, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: true,
                hasPathLengthConstraint: true,
                pathLengthConstraint: 0,
                critical: true
            )
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true)
        );
        return request.CreateSelfSigned(now - ClockSkew, now + lifetime);
    }

    /// <summary>A node: it is connected to, and connects to others.</summary>
    /// <exception cref="ArgumentException">One of the names can't stand in a certificate.</exception>
    public X509Certificate2 Node(
        X509Certificate2 authority,
        string name,
        IEnumerable<string> hosts,
        IEnumerable<IPAddress> addresses,
        TimeSpan lifetime
    )
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Prepend(name).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            names.AddDnsName(host);
        }

        foreach (var address in addresses.Distinct())
        {
            names.AddIpAddress(address);
        }

        return Signed(authority, name, [ServerAuthentication, ClientAuthentication], names.Build(), lifetime);
    }

    /// <summary>A client, known by its common name.</summary>
    public X509Certificate2 Client(X509Certificate2 authority, string name, TimeSpan lifetime) =>
        Signed(authority, name, [ClientAuthentication], names: null, lifetime);

    private static CertificateRequest Request(string name, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private X509Certificate2 Signed(
        X509Certificate2 authority,
        string name,
        IEnumerable<string> purposes,
        X509Extension? names,
        TimeSpan lifetime
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        var usages = new OidCollection();
        foreach (var purpose in purposes)
        {
            usages.Add(new Oid(purpose));
        }

        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: false,
                hasPathLengthConstraint: false,
                pathLengthConstraint: 0,
                critical: true
            )
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true)
        );
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority,
                includeKeyIdentifier: true,
                includeIssuerAndSerial: false
            )
        );
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        // Nothing outlives its authority.
        var (first, last) = (Utc(authority.NotBefore), Utc(authority.NotAfter));
        var from = now - ClockSkew > first ? now - ClockSkew : first;
        var until = now + lifetime < last ? now + lifetime : last;
        using var certificate = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(SerialBytes));
        return certificate.CopyWithPrivateKey(key);
    }

    private static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime());
}
