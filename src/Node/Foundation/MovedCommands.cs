// Commands that raftlocks-node once had and that are the operator's tool's now: whoever calls one, a script above all,
// is told its name.
namespace RaftLocks.Node.Foundation;

internal static class MovedCommands
{
    /// <summary>
    /// Names the command to call instead, as a sentence; null if the command line names none that has moved.
    /// </summary>
    public static string? Find(string[] arguments) =>
        arguments switch
        {
            ["member", ..] => Sentence("member", "raftlocks member list|add|remove"),
            ["verify", ..] => Sentence("verify", "raftlocks verify PATH"),
            ["snapshot", "save", ..] => Sentence("snapshot save", "raftlocks snapshot save FILE"),
            _ => null,
        };

    private static string Sentence(string moved, string command) =>
        $"raftlocks-node has no command '{moved}': call {command} (docs/clients.md tells how to install it).";
}
