// How much memory locks and waiting requests may take of every node. What a request takes is computed (Admission.cs).
namespace RaftLocks.Node.Foundation;

/// <content>Budgets.</content>
internal static partial class Limits
{
    /// <summary>One request, KiB: some 3 000 segments of paths.</summary>
    public const int DefaultMaxRequestKb = 1024;

    /// <summary>The least that may be set for one request, KiB: a lock on a deep path must have room.</summary>
    public const int MinMaxRequestKb = 16;

    /// <summary>All requests of a session, MiB.</summary>
    public const int DefaultMaxSessionMb = 64;

    /// <summary>All requests in a namespace, MiB: some 800 000 of short paths.</summary>
    public const int DefaultMaxNamespaceMb = 1024;

    /// <summary>All requests of a principal, MiB.</summary>
    public const int DefaultMaxPrincipalMb = 1024;

    /// <summary>All requests of the cluster, MiB.</summary>
    public const int DefaultMaxLiveMb = 4096;
}
