// Every bound of the client of the HTTP API, but for those that its user sets (ApiClientOptions).
namespace RaftLocks.Api;

internal static class ApiLimits
{
    /// <summary>Between two rounds of asking all nodes.</summary>
    public static readonly TimeSpan RoundInterval = TimeSpan.FromSeconds(1);

    /// <summary>Between two requests whether a node lives that takes its time, and how long each may take.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(2);

    /// <summary>Such requests in a row that were not answered by a node that hangs.</summary>
    public const int MaxProbeMisses = 2;

    /// <summary>How long a change of members may take: one is added when it has caught up.</summary>
    public static readonly TimeSpan MemberChangeTimeout = TimeSpan.FromMinutes(10);

    /// <summary>How long a stream may take to begin: a snapshot is written first.</summary>
    public static readonly TimeSpan StreamTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a revocation may take beyond its grace: for the commit, and for an election on the way.
    /// </summary>
    public static readonly TimeSpan RevokeTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Characters that are read of a refusal.</summary>
    public const int MaxSentenceLength = 500;

    /// <summary>Bytes that are read at once.</summary>
    public const int ReadBytes = 64 * 1024;

    /// <summary>The longest time that is waited: some bounds are the user's choice, and timers take no more.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(40);
}
