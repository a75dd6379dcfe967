// Certificates and keys in PEM files, checked when they are read: an empty bundle would trust nobody, or whoever, and
// a key that does not fit shows at the first handshake only.
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Api;

/// <summary>A file of certificates or keys can't be used; the message says which, and why.</summary>
public sealed class CertificateFileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Reads PEM files.</summary>
public static class PemFiles
{
    private const int MaxBytes = 1 << 20;
    private const string Begin = "-----BEGIN CERTIFICATE-----";

    /// <summary>The certificates of a file, one at least.</summary>
    /// <exception cref="CertificateFileException">It can't be read, or has none.</exception>
    public static X509Certificate2Collection ReadCertificates(string path)
    {
        var text = Read(path);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new CertificateFileException($"{path}: a certificate in it can't be read: {e.Message}", e);
        }

        // Two that are joined without a line end between them are silently left out.
        var announced = text.Split(Begin).Length - 1;
        return certificates.Count > 0 && certificates.Count == announced
            ? certificates
            : throw new CertificateFileException(
                announced == 0
                    ? $"{path} has no certificate: give a PEM file with '{Begin}'."
                    : $"{path}: only {certificates.Count} of {announced} certificates in it can be read: give each "
                        + "line of PEM a line of its own."
            );
    }

    /// <summary>A certificate with its key, and the certificates between it and its authority.</summary>
    /// <param name="certificatePath">The certificate, then those between.</param>
    /// <param name="keyPath">Its private key, without a password.</param>
    /// <exception cref="CertificateFileException">One of the files can't be used.</exception>
    public static SslStreamCertificateContext ReadOwn(string certificatePath, string keyPath)
    {
        var chain = ReadCertificates(certificatePath);
        var key = Read(keyPath);
        if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new CertificateFileException(
                $"{keyPath}: the key has a password, and nobody is there to type it: give one without."
            );
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), key);

            // Windows can't use a key that is in memory only.
            var own = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(own, chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateFileException(
                $"{keyPath} is not the private key of the first certificate in {certificatePath}: {e.Message}",
                e
            );
        }
    }

    private static string Read(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxBytes }
                ? throw new CertificateFileException($"{path} has more than {MaxBytes} bytes: it is no PEM file.")
                : File.ReadAllText(path);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CertificateFileException($"{path} can't be read: {e.Message}", e);
        }
    }
}
