// The names under which the node that runs here is asked. A web page whose name was made to point
// to this machine (DNS rebinding) comes under a name of its own, and its browser calls that the same origin; only the
// name gives it away.
using System.Net;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

/// <summary>The names of this node.</summary>
/// <param name="settings">Its settings.</param>
/// <param name="others">The other members, whose clients may be forwarded to this node; null if their names don't
/// count.</param>
internal sealed class AllowedHosts(NodeSettings settings, Func<IReadOnlyList<Member>>? others = null)
{
    private readonly HashSet<string> names = new(StringComparer.OrdinalIgnoreCase)
    {
        "localhost",
        Environment.MachineName,
        settings.Self.ClientUrl.Host,
        settings.Self.InternalUrl.Host,
    };

    /// <summary>Whether the name is an address, or one of these.</summary>
    public bool Contains(string host) =>
        names.Contains(host) || IPAddress.TryParse(host.Trim('[', ']'), out _) || IsOthers(host);

    private bool IsOthers(string host) =>
        others is not null
        && settings
            .Members.Concat(others())
            .Any(member =>
                string.Equals(member.ClientUrl.Host, host, StringComparison.OrdinalIgnoreCase)
                || string.Equals(member.InternalUrl.Host, host, StringComparison.OrdinalIgnoreCase)
            );
}
