// Which addresses refuse this client. One that answers nonsense (another product, a wrong address) is skipped for the
// others; when all refuse, waiting is without success.
namespace RaftLocks.Client.Sessions;

/// <summary>The refusals of the addresses since the last of them served.</summary>
internal sealed class Refusals(int nodes)
{
    private readonly string?[] byNode = new string?[nodes];

    /// <summary>
    /// A node refused, or, with null, could not be reached. The sentences of all nodes if all refuse now.
    /// </summary>
    public string? Note(int node, string? refusal)
    {
        byNode[node] = refusal;
        return Array.TrueForAll(byNode, one => one is not null)
            ? string.Join("; ", byNode.Distinct(StringComparer.Ordinal))
            : null;
    }

    public void Clear() => Array.Clear(byNode);
}
