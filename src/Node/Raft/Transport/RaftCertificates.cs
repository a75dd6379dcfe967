// What the library beneath is given to prove who is at the two ends of a connection (RaftTls.cs).
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>The certificates that the members of a cluster show each other.</summary>
/// <param name="Own">What this node shows, with its key. It names this node among its DNS names.</param>
/// <param name="Authorities">Who has signed those of the others.</param>
internal sealed record RaftCertificates(SslStreamCertificateContext Own, X509Certificate2Collection Authorities);
