// The certificate that this node shows other members must be one that they believe. That is looked at here when it is
// read: later it would show at a handshake only, as a member that nobody reaches.
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node;

internal static class MemberCertificate
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    /// <summary>Reads the certificates of the Raft port; null for plain TCP.</summary>
    /// <exception cref="CertificateFileException">One of them can't be used.</exception>
    public static WatchedCertificates? Watch(NodeSettings settings, ILogger logger, TimeProvider time) =>
        settings.RaftCertificates is { } paths
            ? new WatchedCertificates("raft", paths, logger, time, loaded => Check(loaded, settings))
            : null;

    /// <summary>What members show each other, as it is now; null for plain TCP.</summary>
    public static Func<RaftCertificates>? Shown(WatchedCertificates? watched) =>
        watched is null ? null : () => new RaftCertificates(watched.Current.Own!, watched.Current.Authorities!);

    /// <summary>Whether a certificate that somebody shows at the client port is a node's.</summary>
    public static bool IsNodes(X509Certificate2 shown, WatchedCertificates own, IReadOnlyCollection<Member> members) =>
        own.Current.IsOwn(shown)
        || CertificateNames.IsForOne(
            shown,
            members.SelectMany(member => new[] { member.Name, member.ClientUrl.Host, member.InternalUrl.Host })
        );

    /// <summary>
    /// Says whether a certificate that somebody shows at the client port is one by which the Raft port would know a
    /// member. Nothing is, where that has no certificates.
    /// </summary>
    public static Func<X509Certificate2, bool> Proof(
        WatchedCertificates? raft,
        Func<IReadOnlyCollection<Member>> members
    ) =>
        shown =>
        {
            if (raft is null)
            {
                return false;
            }

            using var chain = new X509Chain();
            chain.ChainPolicy = CertificateCheck.Policy(raft.Current.Authorities!, ForClients);
            return chain.Build(shown)
                && RaftTls
                    .NamesOf(shown)
                    .Any(name => members().Any(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));
        };

    /// <summary>Checks that a certificate is one of this member's.</summary>
    /// <exception cref="CertificateFileException">It is not.</exception>
    private static void Check(LoadedCertificates loaded, NodeSettings settings)
    {
        var (own, path) = (loaded.Own!.TargetCertificate, settings.RaftCertificates!.Certificate);
        var names = RaftTls.NamesOf(own);
        if (!names.Contains(settings.Name, StringComparer.OrdinalIgnoreCase))
        {
            throw new CertificateFileException(
                $"{path} is for {(names.Count == 0 ? "no DNS name" : string.Join(", ", names))}, and this member is "
                    + $"called '{settings.Name}': one of its DNS names (subject alternative names) must be that."
            );
        }

        var purposes = own.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages;
        foreach (var purpose in new[] { ForServers, ForClients })
        {
            if (
                purposes is not null
                && !purposes.Cast<System.Security.Cryptography.Oid>().Any(one => one.Value == purpose)
            )
            {
                throw new CertificateFileException(
                    $"{path} must be for servers and for clients (extended key usage): a member is both."
                );
            }
        }
    }
}
