// Which PEM files a port of the node uses. They are read by the room Certificates, again and again.
namespace RaftLocks.Node.Foundation;

/// <summary>The PEM files of a port; null for none.</summary>
internal sealed record CertificatePaths
{
    /// <summary>The certificate that the node shows, then those between it and its authority.</summary>
    public string? Certificate { get; init; }

    /// <summary>Its private key.</summary>
    public string? Key { get; init; }

    /// <summary>The authorities of those who connect; with them whoever connects must show a certificate.</summary>
    public string? ClientAuthorities { get; init; }

    /// <summary>The authorities of the nodes that this one asks; null for those of the system.</summary>
    public string? Authorities { get; init; }

    /// <summary>All files.</summary>
    public IEnumerable<string> All => new[] { Certificate, Key, ClientAuthorities, Authorities }.OfType<string>();
}
