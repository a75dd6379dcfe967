// What the clients ask for whose answers are checked as a whole: few of them in each namespace and few paths, so that
// every history is short enough to be searched.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Workload;

/// <summary>Random requests from a seed.</summary>
internal sealed class QueueMix(Random random)
{
    /// <summary>Clients that lock in one namespace.</summary>
    public const int ClientsEach = 4;
    private const int Letters = 2;
    private static readonly string[] Namespaces = ["queue-1", "queue-2", "queue-3", "queue-4", "queue-5"];
    private static readonly long[] AbandonTimeouts = [0, 300, 1_500];

    public static IReadOnlyList<string> AllNamespaces => Namespaces;

    /// <summary>Between them they overlap every path that is ever asked for.</summary>
    public static string[] Everything => [.. Enumerable.Range(0, Letters).Select(i => ((char)('a' + i)).ToString())];

    /// <summary>Returns the namespace of a client.</summary>
    public static string NamespaceOf(int client) => Namespaces[client % Namespaces.Length];

    public long AbandonTimeoutMs() => AbandonTimeouts[random.Next(AbandonTimeouts.Length)];

    /// <summary>Every fourth lock is a try, every fourth waits for so long only.</summary>
    public long? WaitTimeoutMs() =>
        random.Next(4) switch
        {
            0 => 0,
            1 => random.Next(1, 400),
            _ => null,
        };

    public Resource[] Resources() => [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Resource())];

    private Resource Resource() =>
        new(
            random.Next(2) == 0,
            [
                .. Enumerable
                    .Range(0, random.Next(4) == 0 ? 1 : 2)
                    .Select(_ => ((char)('a' + random.Next(Letters))).ToString()),
            ]
        );
}
