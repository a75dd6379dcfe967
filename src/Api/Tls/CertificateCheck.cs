// Whether a server's certificate is trusted, and what is wrong with it in words that help to repair it. The runtime
// says no more than that it is invalid. The .NET client compiles this file too.
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Api;

internal static class CertificateCheck
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const int MaxTextLength = 200;

    /// <summary>
    /// What is wrong with the certificate that a server shows; a part of a sentence, null if it is trusted.
    /// </summary>
    /// <param name="sender">The stream that asks, as the runtime hands it over.</param>
    /// <param name="shown">The certificate.</param>
    /// <param name="built">The chain that the runtime built with the system's authorities.</param>
    /// <param name="errors">What the runtime found.</param>
    /// <param name="authorities">The trusted authorities; null for the system's.</param>
    public static string? Problem(
        object sender,
        X509Certificate? shown,
        X509Chain? built,
        SslPolicyErrors errors,
        X509Certificate2Collection? authorities
    )
    {
        if (shown is not X509Certificate2 certificate)
        {
            return "it shows no certificate";
        }

        var problems = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            problems.Add($"its certificate is for {Names(certificate)}, not for {Plain(HostOf(sender))}");
        }

        if (authorities is null)
        {
            if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            {
                problems.Add(ChainProblem(certificate, built?.ChainStatus ?? []));
            }
        }
        else
        {
            using var chain = new X509Chain();
            chain.ChainPolicy = Policy(authorities, ForServers);
            chain.ChainPolicy.ExtraStore.AddRange(built?.ChainPolicy.ExtraStore ?? []);
            if (!chain.Build(certificate))
            {
                problems.Add(ChainProblem(certificate, chain.ChainStatus));
            }
        }

        return problems.Count == 0 ? null : string.Join(", and ", problems);
    }

    /// <summary>How a chain to these authorities is checked: nothing is fetched, and nobody is asked.</summary>
    /// <param name="authorities">The trusted ones.</param>
    /// <param name="usage">What the certificate must be for: an extended key usage.</param>
    public static X509ChainPolicy Policy(X509Certificate2Collection authorities, string usage)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        policy.ApplicationPolicy.Add(new Oid(usage));
        return policy;
    }

    /// <summary>What is wrong with a chain; a part of a sentence.</summary>
    public static string ChainProblem(X509Certificate2 certificate, IReadOnlyList<X509ChainStatus> found)
    {
        var flags = found.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return flags switch
        {
            _ when flags.HasFlag(X509ChainStatusFlags.NotTimeValid) => Outdated(certificate),
            _ when flags.HasFlag(X509ChainStatusFlags.UntrustedRoot)
                    || flags.HasFlag(X509ChainStatusFlags.PartialChain) =>
                $"its certificate comes from '{Plain(certificate.Issuer)}', which is none of the trusted authorities",
            _ when flags.HasFlag(X509ChainStatusFlags.NotValidForUsage) => "its certificate is not for this use",
            _ when flags.HasFlag(X509ChainStatusFlags.NotSignatureValid) =>
                "its certificate is not signed by the authority that it names",
            _ => $"its certificate is not valid ({flags})",
        };
    }

    private static string Outdated(X509Certificate2 certificate)
    {
        var (from, to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        return DateTime.UtcNow > to ? $"its certificate has expired on {to:u}"
            : DateTime.UtcNow < from ? $"its certificate is valid from {from:u} on only: compare the clocks"
            : "the certificate of its authority has expired, or is not yet valid";
    }

    private static string HostOf(object sender) => sender is SslStream stream ? stream.TargetHostName : "this address";

    private static string Names(X509Certificate2 certificate)
    {
        try
        {
            var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
            var names = alternatives
                .SelectMany(names => names.EnumerateDnsNames())
                .Concat(alternatives.SelectMany(names => names.EnumerateIPAddresses()).Select(one => one.ToString()))
                .ToList();
            return names.Count == 0 ? "no host name at all" : Plain(string.Join(", ", names));
        }
        catch (CryptographicException)
        {
            return "names that can't be read";
        }
    }

    // Whoever made the certificate chose the text.
    private static string Plain(string text)
    {
        var visible = string.Concat(text.Take(MaxTextLength).Select(one => one is >= ' ' and <= '~' ? one : '?'));
        return text.Length > MaxTextLength ? visible + "..." : visible;
    }
}
