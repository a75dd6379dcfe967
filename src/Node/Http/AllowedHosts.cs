// The names under which a program on this machine asks the node that runs here. A web page whose name was made to point
// to this machine (DNS rebinding) comes under a name of its own, and its browser calls that the same origin; only the
// name gives it away.
using System.Net;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

internal sealed class AllowedHosts(NodeSettings settings)
{
    private readonly HashSet<string> names = new(StringComparer.OrdinalIgnoreCase)
    {
        "localhost",
        Environment.MachineName,
        settings.Self.ClientUrl.Host,
        settings.Self.InternalUrl.Host,
    };

    /// <summary>Whether the name is an address, or one of this node's own.</summary>
    public bool Contains(string host) => names.Contains(host) || IPAddress.TryParse(host.Trim('[', ']'), out _);
}
