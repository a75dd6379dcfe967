using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Cluster;

// Whom the tests' own clients trust by https, and as whom they show themselves. Tests that run side by side have
// authorities of their own.

/// <summary>TLS of the tests' clients.</summary>
public static class NodeTrust
{
    private static ImmutableList<X509Certificate2> s_authorities = [];

    /// <summary>Options of a client.</summary>
    public static SslClientAuthenticationOptions Options { get; } =
        new()
        {
            RemoteCertificateValidationCallback = IsTrusted,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => Own!,
        };

    /// <summary>The certificate that is shown where a node wants one.</summary>
    public static X509Certificate2? Own { get; set; }

    /// <summary>Trusts an authority from now on.</summary>
    public static void Add(X509Certificate2 authority) =>
        ImmutableInterlocked.Update(ref s_authorities, (known, one) => known.Add(one), authority);

    private static bool IsTrusted(object sender, X509Certificate? shown, X509Chain? built, SslPolicyErrors errors)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(s_authorities.ToArray());
        return !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && chain.Build((X509Certificate2)shown!);
    }
}
