// The requests of an answer, sorted into the tree of their paths.
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

/// <summary>A place in the tree.</summary>
public sealed class TreeNode(string segment, IReadOnlyList<string> path)
{
    private readonly List<(RequestInfo Request, string Mode)> here = [];
    private readonly SortedDictionary<string, TreeNode> beneath = new(StringComparer.Ordinal);

    /// <summary>Its last segment.</summary>
    public string Segment { get; } = segment;

    /// <summary>All operations.</summary>
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>The requests that lock exactly this path: holders first, then waiting ones, oldest first.</summary>
    public IReadOnlyList<(RequestInfo Request, string Mode)> Here => here;

    /// <summary>The nodes beneath.</summary>
    public IReadOnlyDictionary<string, TreeNode> Beneath => beneath;

    /// <summary>Requests here and beneath.</summary>
    public int Count => Here.Count + Beneath.Values.Sum(node => node.Count);

    /// <summary>Sorts requests into a tree.</summary>
    public static TreeNode Of(IEnumerable<RequestInfo> requests)
    {
        var root = new TreeNode("", []);
        foreach (var request in requests)
        {
            foreach (var resource in request.Resources)
            {
                var at = root;
                foreach (var segment in resource.Path)
                {
                    if (!at.beneath.TryGetValue(segment, out var next))
                    {
                        at.beneath[segment] = next = new TreeNode(segment, [.. at.Path, segment]);
                    }

                    at = next;
                }

                at.here.Add((request, resource.Type));
            }
        }

        root.Sort();
        return root;
    }

    private void Sort()
    {
        here.Sort(
            static (a, b) =>
                a.Request.IsHeld != b.Request.IsHeld
                    ? (a.Request.IsHeld ? -1 : 1)
                    : ulong.Parse(a.Request.Id, System.Globalization.CultureInfo.InvariantCulture)
                        .CompareTo(ulong.Parse(b.Request.Id, System.Globalization.CultureInfo.InvariantCulture))
        );
        foreach (var node in beneath.Values)
        {
            node.Sort();
        }
    }
}
