// The version of this build, and the commit that it was built from. The build writes both into the program's file.
using System.Reflection;

namespace RaftLocks.Node.Foundation;

internal static class ProductVersion
{
    private const int ShortLength = 10;

    private static readonly string[] Parts = (
        typeof(ProductVersion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion
        ?? "unknown"
    ).Split('+', 2);

    /// <summary>The version, such as 0.2.0, without the commit.</summary>
    public static string Text { get; } = Parts[0];

    /// <summary>The commit; null in a build that knew of no repository.</summary>
    public static string? Commit { get; } = Parts.Length > 1 ? Parts[1] : null;

    /// <summary>The beginning of the commit, for people; null where there is none.</summary>
    public static string? ShortCommit { get; } = Commit is { Length: > ShortLength } ? Commit[..ShortLength] : Commit;
}
