// A certificate and its key on disk. A key that is there already is never replaced: whoever trusts its certificate
// would be cut off.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Client;

namespace RaftLocks.Cli.Certificates;

/// <summary>Two PEM files: NAME.crt, and NAME.key, which only its owner may read.</summary>
/// <param name="folder">Where they are.</param>
/// <param name="name">Their name without the ending.</param>
internal sealed class CertificateFile(string folder, string name)
{
    /// <summary>The certificate.</summary>
    public string Certificate { get; } = Path.Combine(folder, name + ".crt");

    /// <summary>The private key.</summary>
    public string Key { get; } = Path.Combine(folder, name + ".key");

    /// <summary>Fails if one of the files is there.</summary>
    /// <exception cref="RaftLocksException">It is.</exception>
    public void RequireNone()
    {
        foreach (var path in new[] { Certificate, Key })
        {
            if (File.Exists(path) || Directory.Exists(path))
            {
                throw new RaftLocksException(
                    $"{path} exists already, and is not replaced: name another folder (--out)."
                );
            }
        }
    }

    /// <summary>Reads both.</summary>
    /// <exception cref="RaftLocksException">They are not there, or don't belong together.</exception>
    public X509Certificate2 Read()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Certificate, Key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new RaftLocksException(
                $"The authority in {Certificate} and {Key} can't be used: {e.Message.TrimEnd('.')}. Make one first"
                    + " (raftlocks cert ca), or say where it is (--ca).",
                e
            );
        }
    }

    /// <summary>Writes both.</summary>
    /// <exception cref="IOException">One of them can't be written.</exception>
    public void Write(X509Certificate2 certificate)
    {
        Directory.CreateDirectory(folder);
        using var key = certificate.GetECDsaPrivateKey()!;
        Write(Key, key.ExportPkcs8PrivateKeyPem(), isSecret: true);
        Write(Certificate, certificate.ExportCertificatePem(), isSecret: false);
    }

    private static void Write(string path, string pem, bool isSecret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isSecret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // A newline at the end: bundles are made by joining such files.
        using var file = new StreamWriter(path, options);
        file.Write(pem + "\n");
    }
}
