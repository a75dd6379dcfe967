// The one rule taken literally, as seen from outside: what is held at the same time must not conflict.
namespace RaftLocks.Node.Tests.Wire;

internal sealed class HeldLocks
{
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, string[]> held = [];

    public List<string> Conflicts { get; } = [];

    public int Granted { get; private set; }

    public void Add(ulong id, string[] resources)
    {
        lock (gate)
        {
            Granted++;
            Conflicts.AddRange(
                held.Where(other => other.Value.Any(a => resources.Any(b => Conflict(a, b))))
                    .Select(other => $"{other.Key} and {id}")
            );
            held.Add(id, resources);
        }
    }

    public void Remove(ulong id)
    {
        lock (gate)
        {
            held.Remove(id);
        }
    }

    private static bool Conflict(string a, string b) =>
        !(a.StartsWith('?') && b.StartsWith('?'))
        && (Under(a.TrimStart('?'), b.TrimStart('?')) || Under(b.TrimStart('?'), a.TrimStart('?')));

    private static bool Under(string a, string b) => (a + "/").StartsWith(b + "/", StringComparison.Ordinal);
}
