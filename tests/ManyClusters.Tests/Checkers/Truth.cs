// What the cluster has decided: each entry with commands, as whoever applied it first saw it. Every other replica, and
// the same one after a restart, must see the same; and a snapshot stands for what was applied before.
using System.Globalization;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.ManyClusters.Checkers;

/// <summary>One event, as it was applied.</summary>
internal sealed record AppliedEvent(EventKind Kind, bool IsReply, ulong Id, UInt128 Session, string Path, bool Writes);

/// <summary>One entry, as it was applied.</summary>
internal sealed record AppliedEntry(
    long Index,
    long Term,
    UInt128 Digest,
    LedgerHead Head,
    string By,
    AppliedEvent[] Events
);

/// <summary>Compares all replicas of one cluster.</summary>
internal sealed class Truth(Action<string, string> violation)
{
    private readonly Lock gate = new();
    private readonly SortedList<long, AppliedEntry> entries = [];

    /// <summary>All entries with commands.</summary>
    public AppliedEntry[] Entries
    {
        get
        {
            lock (gate)
            {
                return [.. entries.Values];
            }
        }
    }

    /// <summary>The greatest index of an entry with commands that anybody has applied.</summary>
    public long LastIndex
    {
        get
        {
            lock (gate)
            {
                return entries.Count == 0 ? 0 : entries.Keys[^1];
            }
        }
    }

    /// <summary>A replica's way to tell what it applies.</summary>
    public IApplyObserver FollowerOf(string name) => new Replica(this, name);

    private void OnRestored(string by, LockStateMachine machine)
    {
        lock (gate)
        {
            var last = entries.Values.LastOrDefault(entry => entry.Index <= machine.AppliedIndex);
            var expected = last?.Head ?? new LockStateMachine().LedgerHead;
            if (machine.LedgerHead != expected)
            {
                violation(
                    "replicas are equal",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"the snapshot of index {machine.AppliedIndex} at {by} has ledger position "
                            + $"{machine.LedgerHead.Position}, head {machine.LedgerHead}; {last?.By} had position "
                            + $"{expected.Position}, head {expected} at index {last?.Index}"
                    )
                );
            }
        }
    }

    private void OnApplied(string by, LockStateMachine machine, EventList events)
    {
        lock (gate)
        {
            if (entries.TryGetValue(machine.AppliedIndex, out var known))
            {
                if (
                    known.Digest != machine.Digest
                    || known.Term != machine.AppliedTerm
                    || known.Head != machine.LedgerHead
                )
                {
                    violation(
                        "replicas are equal",
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"entry {known.Index}: {known.By} has term {known.Term}, ledger position "
                                + $"{known.Head.Position}, digest {known.Digest:x}; {by} has term "
                                + $"{machine.AppliedTerm}, position {machine.LedgerHead.Position}, digest "
                                + $"{machine.Digest:x}"
                        )
                    );
                }

                return;
            }

            if (entries.Count > 0 && machine.AppliedIndex < entries.Keys[^1])
            {
                violation(
                    "replicas are equal",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{by} has applied commands at index {machine.AppliedIndex}, where "
                            + $"{entries.Values[^1].By}, which has applied up to {entries.Keys[^1]}, had none"
                    )
                );
                return;
            }

            entries.Add(
                machine.AppliedIndex,
                new AppliedEntry(
                    machine.AppliedIndex,
                    machine.AppliedTerm,
                    machine.Digest,
                    machine.LedgerHead,
                    by,
                    Copy(events)
                )
            );
        }
    }

    private static AppliedEvent[] Copy(EventList events)
    {
        var copy = new AppliedEvent[events.Count];
        for (var i = 0; i < copy.Length; i++)
        {
            ref readonly var one = ref events[i];
            var (path, writes) = one.Request is { } request ? Locked(request) : ("", false);
            copy[i] = new AppliedEvent(one.Kind, one.IsReply, one.Id, one.Request?.Session.Value ?? 0, path, writes);
        }

        return copy;
    }

    private static (string Path, bool Writes) Locked(LockRequest request)
    {
        var text = request.Resources.ToString();
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return (text[(space + 1)..], text.StartsWith("write", StringComparison.Ordinal));
    }

    private sealed class Replica(Truth truth, string name) : IApplyObserver
    {
        public void OnRestored(LockStateMachine machine) => truth.OnRestored(name, machine);

        public void OnApplied(LockStateMachine machine, EventList events) => truth.OnApplied(name, machine, events);

        public Task OnCompactingAsync() => Task.CompletedTask;
    }
}
