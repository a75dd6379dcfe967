// The requests of an answer, sorted into the tree of their paths.
namespace RaftLocks.Dashboard;

/// <summary>A place in the tree.</summary>
public sealed class TreeNode(string segment, IReadOnlyList<string> path)
{
    /// <summary>Its last segment.</summary>
    public string Segment { get; } = segment;

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>Who locks exactly this place: holders first, then those who wait, oldest first.</summary>
    public List<(Request Request, string Mode)> Here { get; } = [];

    /// <summary>What is beneath.</summary>
    public SortedDictionary<string, TreeNode> Beneath { get; } = new(StringComparer.Ordinal);

    /// <summary>Requests here and beneath.</summary>
    public int Count => Here.Count + Beneath.Values.Sum(node => node.Count);

    /// <summary>Sorts requests into a tree.</summary>
    public static TreeNode Of(IEnumerable<Request> requests)
    {
        var root = new TreeNode("", []);
        foreach (var request in requests)
        {
            foreach (var resource in request.Resources ?? [])
            {
                var at = root;
                foreach (var segment in resource.Path)
                {
                    if (!at.Beneath.TryGetValue(segment, out var next))
                    {
                        at.Beneath[segment] = next = new TreeNode(segment, [.. at.Path, segment]);
                    }

                    at = next;
                }

                at.Here.Add((request, resource.Type));
            }
        }

        root.Sort();
        return root;
    }

    private void Sort()
    {
        Here.Sort(static (a, b) => a.Request.IsHeld != b.Request.IsHeld
            ? (a.Request.IsHeld ? -1 : 1)
            : ulong.Parse(a.Request.Id, System.Globalization.CultureInfo.InvariantCulture).CompareTo(ulong.Parse(b.Request.Id, System.Globalization.CultureInfo.InvariantCulture)));
        foreach (var node in Beneath.Values)
        {
            node.Sort();
        }
    }
}
