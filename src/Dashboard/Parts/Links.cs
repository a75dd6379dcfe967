// The addresses of the pages that show one thing.
namespace RaftLocks.Dashboard;

internal static class Links
{
    /// <summary>The locks in a namespace, at or around a path.</summary>
    public static string Locks(string ns, string? path = null) =>
        $"locks?namespace={Uri.EscapeDataString(ns)}"
        + (string.IsNullOrEmpty(path) ? "" : $"&path={Uri.EscapeDataString(path)}");

    /// <summary>The page of the events at or around a path.</summary>
    public static string History(string ns, string? path = null, string? cursor = null) =>
        $"history?namespace={Uri.EscapeDataString(ns)}"
        + (string.IsNullOrEmpty(path) ? "" : $"&path={Uri.EscapeDataString(path)}")
        + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");

    /// <summary>The page of one request: its blockers and its history.</summary>
    public static string Request(string ns, string id) =>
        $"request?namespace={Uri.EscapeDataString(ns)}&id={Uri.EscapeDataString(id)}";

    /// <summary>The page that explains a lock.</summary>
    public static string Explain(string ns, string path) =>
        $"explain?namespace={Uri.EscapeDataString(ns)}&path={Uri.EscapeDataString(path)}";
}
