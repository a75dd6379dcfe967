using System.Text;

namespace RaftLocks.Load;

// What the clients lock. U: every client its own resource. C: the same, all over one connection. H: all clients
// write-lock one resource. T: one write and one read path of depth 3 in a tree with 8 branches at every node, at
// random.

/// <summary>Makes the lock messages of a client.</summary>
internal abstract class Workload
{
    /// <summary>The names that --load takes.</summary>
    public static readonly string[] Names = ["U", "C", "H", "T"];

    /// <summary>The next lock message of this client.</summary>
    public abstract ReadOnlyMemory<byte> Next();

    /// <summary>The workload of one client.</summary>
    public static Workload Of(string name, int client, int seed) =>
        name switch
        {
            "U" => new Same($$"""{"action":"lock","resources":[{"type":"write","path":["u","{{client}}"]}]}"""),
            "H" => new Same("""{"action":"lock","resources":[{"type":"write","path":["hot"]}]}"""),
            "T" => new Tree(new Random(HashCode.Combine(seed, client))),
            _ => throw new ArgumentOutOfRangeException(
                nameof(name),
                name,
                "one of U, H, T; C has no connections of its own"
            ),
        };

    /// <summary>The name that a client locks at a server that has no paths; U, C and H only.</summary>
    public static string KeyOf(string name, int client) =>
        name switch
        {
            "U" or "C" => $"u/{client}",
            "H" => "hot",
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "this server has no paths: U, C or H"),
        };

    private sealed class Same(string message) : Workload
    {
        private readonly byte[] _message = Encoding.UTF8.GetBytes(message);

        public override ReadOnlyMemory<byte> Next() => _message;
    }

    private sealed class Tree : Workload
    {
        // Enough different messages, made before the clock runs.
        private const int Prepared = 1_024;
        private const int Branches = 8;
        private readonly byte[][] _messages;
        private int _next;

        public Tree(Random random)
        {
            string Path() => string.Join(',', Enumerable.Range(0, 3).Select(_ => $"\"{random.Next(Branches)}\""));
            _messages =
            [
                .. Enumerable
                    .Range(0, Prepared)
                    .Select(_ =>
                        Encoding.UTF8.GetBytes(
                            $$"""{"action":"lock","resources":[{"type":"write","path":[{{Path()}}]},{"type":"read","path":[{{Path()}}]}]}"""
                        )
                    ),
            ];
        }

        public override ReadOnlyMemory<byte> Next() => _messages[_next++ % Prepared];
    }
}
