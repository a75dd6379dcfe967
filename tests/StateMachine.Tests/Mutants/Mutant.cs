// Breakages of the queue that the property must notice, as replacements in the source text. A text that is no longer found fails the
// test: whoever rewrites the line brings its mutant along.
namespace RaftLocks.StateMachine.Tests.Mutants;

public sealed record Mutant(string Name, string File, string Original, string Broken)
{
    public static readonly Mutant[] All =
    [
        new("appended at the wrong end", "Queues/ModeList.cs",
            "entry.Previous = Youngest;\n        entry.Next = null;\n        if (Youngest is null)\n        {\n            Oldest = entry;\n        }\n        else\n        {\n            Youngest.Next = entry;\n        }\n\n        Youngest = entry;",
            "entry.Next = Oldest;\n        entry.Previous = null;\n        if (Oldest is null)\n        {\n            Youngest = entry;\n        }\n        else\n        {\n            Oldest.Previous = entry;\n        }\n\n        Oldest = entry;"),
        new("first blocked not moved when it leaves", "Queues/ModeList.cs", "FirstBlocked = entry.Next;", "FirstBlocked = null;"),
        new("first blocked not moved when it is granted", "Queues/LockTree.cs", "list.FirstBlocked = candidate.Next;", "list.FirstBlocked = null;"),
        new("nobody woken", "Queues/LockTree.cs", "else if (wasOldest)", "else if (false)"),
        new("woken at the first free node", "Queues/LockTree.cs", "if (--candidate.Request.BlockedAt == 0)", "if (candidate.Request.BlockedAt-- > 0)"),
        new("new request ignores the queue", "Queues/PathNode.cs", "(used & LockModes.ExcludedBy(mode)) != 0;", "false;"),
        new("reads above don't exclude writes", "Queues/LockMode.cs", "[0b10000, 0b11100, 0b11010, 0b11110, 0b11111]", "[0b00000, 0b11100, 0b11010, 0b11110, 0b11110]"),
        new("modes that meet don't join", "Queues/LockMode.cs", "LockMode.ReadIntentWrite : strong;", "strong : strong;"),
        new("grants not in id order", "State/LockStateMachine.cs", "a.Id.CompareTo(b.Id)", "b.Id.CompareTo(a.Id)"),
        new("numbers used again in an empty namespace", "State/LockStateMachine.cs", "live.Remove(request);\n        unblocked.Clear();",
            "live.Remove(request);\n        if (request.Owner.LiveCount == 0) { request.Owner.LastId--; }\n        unblocked.Clear();"),
        new("an empty namespace wakes up with a new counter", "State/Namespaces.cs", "{ LastId = lastId }", ""),
        new("nodes stay behind", "Queues/LockTree.cs", "if (node.IsEmpty)\n            {\n                Free(node);\n            }\n            else if", "if"),
    ];

    public override string ToString() => Name;
}
