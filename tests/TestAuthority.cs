// A certificate authority of a test's own, and the certificates that it gives, as PEM files.
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Tests;

/// <summary>An authority with its files in a temporary folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("raftlocks-ca-");
    private readonly X509Certificate2 authority;

    public TestAuthority(string name = "Test CA", TestAuthority? issuer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (from, to) = (
            DateTimeOffset.UtcNow.AddDays(-40),
            DateTimeOffset.UtcNow.AddDays(issuer is null ? 400 : 300)
        );
        if (issuer is null)
        {
            authority = request.CreateSelfSigned(from, to);
        }
        else
        {
            using var made = request.Create(issuer.authority, from, to, RandomNumberGenerator.GetBytes(8));
            authority = made.CopyWithPrivateKey(key);
        }

        File.WriteAllText(At("ca.pem"), authority.ExportCertificatePem() + "\n");
    }

    /// <summary>The file with the authority's certificate.</summary>
    public string CaFile => At("ca.pem");

    public X509Certificate2Collection Authorities => [X509CertificateLoader.LoadCertificateFromFile(CaFile)];

    /// <summary>
    /// Makes a certificate for names or addresses, by default this machine's, and writes NAME.pem and NAME.key.
    /// </summary>
    public (string Cert, string Key) Issue(
        string name,
        string[]? hosts = null,
        int validDays = 100,
        int sinceDays = 1,
        bool forServers = true
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts ?? ["127.0.0.1", "localhost"])
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        if (hosts is not [])
        {
            request.CertificateExtensions.Add(names.Build());
        }

        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, false)
        );
        var usages = new OidCollection { new Oid(ForClients) };
        if (forServers)
        {
            usages.Add(new Oid(ForServers));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        using var made = request.Create(
            authority,
            DateTimeOffset.UtcNow.AddDays(-sinceDays),
            DateTimeOffset.UtcNow.AddDays(validDays),
            RandomNumberGenerator.GetBytes(8)
        );
        var (cert, secret) = (At($"{name}.pem"), At($"{name}.key"));
        File.WriteAllText(cert, made.ExportCertificatePem() + "\n");
        File.WriteAllText(secret, key.ExportPkcs8PrivateKeyPem());
        return (cert, secret);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    private string At(string name) => Path.Combine(folder.FullName, name);
}
