// What the clients ask for: few paths, deep and shallow, so that there is always somebody in the way.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Workload;

/// <summary>Random requests from a seed.</summary>
internal sealed class Mix(Random random)
{
    private const int Letters = 6;
    private static readonly string[] Namespaces = ["chaos-1", "chaos-2", "chaos-3"];
    private static readonly long[] AbandonTimeouts = [0, 500, 2_000, 5_000];
    private static readonly long[] SessionTimeouts = [4_000, 8_000];
    private static readonly long[] LibraryTimeouts = [1_500, 3_000, 6_000];

    public static IReadOnlyList<string> AllNamespaces => Namespaces;

    /// <summary>Between them they overlap every path that is ever asked for.</summary>
    public static string[] Everything => [.. Enumerable.Range(0, Letters).Select(i => ((char)('a' + i)).ToString())];

    public static long LongestAbandonTimeoutMs => AbandonTimeouts.Concat(SessionTimeouts).Concat(LibraryTimeouts).Max();

    public string Namespace() => Namespaces[random.Next(Namespaces.Length)];

    public long AbandonTimeoutMs() => AbandonTimeouts[random.Next(AbandonTimeouts.Length)];

    /// <summary>The abandon timeout of a client that resumes: long enough for an election.</summary>
    public long SessionTimeoutMs() => SessionTimeouts[random.Next(SessionTimeouts.Length)];

    /// <summary>
    /// The abandon timeout of a client that must detect a lost lock by itself: short, so that many are lost.
    /// </summary>
    public long LibraryTimeoutMs() => LibraryTimeouts[random.Next(LibraryTimeouts.Length)];

    public Resource[] Resources() => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Resource())];

    private Resource Resource()
    {
        // Near the root seldom: it stops everybody.
        var depth = random.Next(20) == 0 ? 1 : random.Next(2, 4);
        return new Resource(
            random.Next(3) > 0,
            [.. Enumerable.Range(0, depth).Select(_ => ((char)('a' + random.Next(Letters))).ToString())]
        );
    }
}
