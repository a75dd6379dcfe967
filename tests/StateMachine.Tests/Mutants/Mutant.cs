// Breakages of the queue that the property must notice, as replacements in the source text. A text that is no longer
// found fails the test: whoever rewrites the line brings its mutant along.
namespace RaftLocks.StateMachine.Tests.Mutants;

public sealed record Mutant(string Name, string File, string Original, string Broken)
{
    public static readonly Mutant[] All =
    [
        new(
            "appended at the wrong end",
            "Queues/PathNode.cs",
            "entry.Previous = Last;\n        entry.Next = null;\n        if (Last is null)\n        {\n           "
                + " First = entry;\n        }\n        else\n        {\n            Last.Next = entry;\n        "
                + "}\n\n        Last = entry;",
            "Prepend(entry);"
        ),
        new(
            "first blocked not moved when it leaves",
            "Queues/PathNode.cs",
            "FirstBlocked = entry.Next;",
            "FirstBlocked = null;"
        ),
        new(
            "first blocked not moved when it is granted",
            "Queues/LockTree.cs",
            "list.FirstBlocked = candidate.Next;",
            "list.FirstBlocked = null;"
        ),
        new("nobody woken", "Queues/LockTree.cs", "else if (wasFirst)", "else if (false)"),
        new(
            "woken at the first free node",
            "Queues/LockTree.cs",
            "if (--candidate.Request.BlockedAt == 0)",
            "if (candidate.Request.BlockedAt-- > 0)"
        ),
        new(
            "new request ignores the queue",
            "Queues/PathNode.cs",
            "(used & LockModes.ExcludedBy(mode)) != 0;",
            "false;"
        ),
        new(
            "reads above don't exclude writes",
            "Queues/LockMode.cs",
            "[0b10000, 0b11100, 0b11010, 0b11110, 0b11111]",
            "[0b00000, 0b11100, 0b11010, 0b11110, 0b11110]"
        ),
        new(
            "modes that meet don't join",
            "Queues/LockMode.cs",
            "LockMode.ReadIntentWrite : strong;",
            "strong : strong;"
        ),
        new(
            "grants not in id order",
            "State/LockStateMachine.Endings.cs",
            "a.Id.CompareTo(b.Id)",
            "b.Id.CompareTo(a.Id)"
        ),
        new(
            "numbers used again in an empty namespace",
            "State/LockStateMachine.Endings.cs",
            "live.Remove(request);\n        unblocked.Clear();",
            "live.Remove(request);\n        if (request.Owner.LiveCount == 0) { request.Owner.LastId--; }\n       "
                + " unblocked.Clear();"
        ),
        new("an empty namespace wakes up with a new counter", "State/Namespaces.cs", "{ LastId = lastId }", ""),
        new(
            "nodes stay behind",
            "Queues/LockTree.cs",
            "if (node.IsEmpty)\n            {\n                Free(node);\n            }\n            else if",
            "if"
        ),
        new(
            "a downgrade goes to the end of the queue",
            "Queues/LockTree.cs",
            "node.List(after).Prepend(entry);",
            "node.List(after).Append(entry, blocked: false);"
        ),
        new(
            "a downgrade wakes nobody",
            "Queues/LockTree.cs",
            "if (wasFirst)\n            {\n                Advance(node, before",
            "if (false)\n            {\n                Advance(node, before"
        ),
        new(
            "a downgrade lets writers in too",
            "Queues/LockTree.cs",
            "            node.List(after).Prepend(entry);\n            node.MarkUsed(after);\n            if "
                + "(wasFirst)\n            {\n                Advance(node, before, unblocked);\n            }\n",
            "            if (wasFirst)\n            {\n                Advance(node, before, unblocked);\n        "
                + "    }\n\n            node.List(after).Prepend(entry);\n            node.MarkUsed(after);\n"
        ),
        new(
            "a downgrade forgets what is above",
            "Queues/LockMode.cs",
            "LockMode.IntentWrite => LockMode.IntentRead,",
            "LockMode.IntentWrite => LockMode.IntentWrite,"
        ),
        new(
            "a downgrade leaves no trace where it read and wrote",
            "Queues/LockMode.cs",
            "LockMode.ReadIntentWrite or LockMode.Write => LockMode.Read,",
            "LockMode.ReadIntentWrite => LockMode.IntentRead,\n        LockMode.Write => LockMode.Read,"
        ),
        new(
            "a waiter is downgraded",
            "State/LockStateMachine.Endings.cs",
            "request is not { IsAcquired: true }",
            "request is null"
        ),
        new(
            "a downgrade changes the queue only",
            "Queues/LockRequest.cs",
            "downgrade = new Downgrade(reads, index, ordinal);",
            ""
        ),
        new(
            "a holder times out",
            "State/LockStateMachine.Endings.cs",
            "(request.IsAcquired || request.WaitLimitMs < 0)",
            "request.WaitLimitMs < 0"
        ),
        new(
            "commands above the feature level take effect",
            "State/LockStateMachine.cs",
            "when FeatureLevel < 2:",
            "when FeatureLevel < 1:"
        ),
    ];

    public override string ToString() => Name;
}
