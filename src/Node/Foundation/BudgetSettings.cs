// The settings of how much memory locks and waiting requests may take of every node. They are a part of the table of
// settings (Setting.cs).
namespace RaftLocks.Node.Foundation;

/// <summary>Settings of budgets.</summary>
internal static class BudgetSettings
{
    public static readonly Setting MaxRequestKb = new(
        "MaxRequestKb",
        "--max-request-kb",
        "KB",
        "Memory that one lock may take of every node: its text, and some 300 bytes for each segment of its paths. "
            + "[1024]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxSessionMb = new(
        "MaxSessionMb",
        "--max-session-mb",
        "MB",
        "Memory for what one session holds and awaits. [64]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxNamespaceMb = new(
        "MaxNamespaceMb",
        "--max-namespace-mb",
        "MB",
        "Memory for what is held and awaited in one namespace. [1024]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxPrincipalMb = new(
        "MaxPrincipalMb",
        "--max-principal-mb",
        "MB",
        "Memory for what one principal holds and awaits, where clients are authenticated. [1024]"
    )
    {
        IsLive = true,
    };

    public static readonly Setting MaxLiveMb = new(
        "MaxLiveMb",
        "--max-live-mb",
        "MB",
        "Memory for what is held and awaited in all namespaces together. [4096]"
    )
    {
        IsLive = true,
    };

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        MaxRequestKb,
        MaxSessionMb,
        MaxNamespaceMb,
        MaxPrincipalMb,
        MaxLiveMb,
    ];
}
