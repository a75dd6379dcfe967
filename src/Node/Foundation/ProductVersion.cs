// The version of this build.
using System.Reflection;

namespace RaftLocks.Node.Foundation;

internal static class ProductVersion
{
    /// <summary>Such as 0.1.0, without the commit it was built from.</summary>
    public static string Text { get; } =
        typeof(ProductVersion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "unknown";
}
