// Freezing and restoring. A restored machine enqueues all live requests again, in id order: what is granted is derived, and must agree
// with what the snapshot says was granted; and the digest of the result must be the one that was frozen.
namespace RaftLocks.StateMachine;

public sealed partial class LockStateMachine
{
    /// <summary>The state as it stands, in microseconds; what is changed afterwards is copied then, a few kilobytes at a time.</summary>
    public FrozenState Freeze() => new(live.Freeze(), namespaces.Freeze())
    {
        Index = AppliedIndex,
        Term = AppliedTerm,
        ClockMs = ClockMs,
        FeatureLevel = FeatureLevel,
        Ledger = ledger.Head,
        Digest = Digest,
    };

    /// <summary>Makes the machine that a snapshot was taken of. Of one that is too large for the memory: <see cref="StateRestorer"/>.</summary>
    /// <param name="snapshot">What <see cref="FrozenState.WriteTo"/> wrote.</param>
    /// <param name="hashSeed">See the constructor.</param>
    /// <param name="error">Why not, for people; null on success.</param>
    /// <returns>The machine, or null.</returns>
    public static LockStateMachine? TryRestore(ReadOnlySpan<byte> snapshot, uint hashSeed, out string? error)
    {
        var check = new SnapshotCheck();
        error = check.Append(snapshot) ?? check.Complete();
        if (error is not null)
        {
            return null;
        }

        var restorer = new StateRestorer(hashSeed);
        LockStateMachine? machine = null;
        error = restorer.Append(snapshot) ?? restorer.Complete(out machine);
        return machine;
    }

    internal void RestoreHead(in SnapshotHead head)
    {
        (AppliedIndex, AppliedTerm, ClockMs, FeatureLevel) = (head.Index, head.Term, head.ClockMs, head.FeatureLevel);
        ledger.Restore(head.Ledger);

        // Every request has a node of its own in most states: the last of its path.
        var expected = (int)Math.Min(head.Live, Limits.MaxReservedForRestore);
        live.Reserve(expected);
        tree.Reserve(expected);
    }

    /// <summary>Adds a namespace; returns it if something lives in it.</summary>
    internal NamespaceState? RestoreNamespace(ReadOnlySpan<byte> name, ulong lastId, bool hasLive)
    {
        sum += NamespaceState.DigestPartOf(NamespaceState.NameHashOf(name), lastId);
        if (!hasLive)
        {
            namespaces.AddEmpty(name.ToArray(), lastId);
            return null;
        }

        var owner = namespaces.GetOrAdd(name);
        namespaces.SetLastId(owner, lastId);
        return owner;
    }

    /// <summary>Enqueues a request again; false if it does not fit what was before it.</summary>
    internal bool TryRestoreRequest(LockRequest request, long grantedAtMs)
    {
        if (live.Find(request.Owner, request.Session, request.ChannelBytes) is not null)
        {
            return false;
        }

        live.Add(request);
        if (tree.Enqueue(request) != grantedAtMs >= 0)
        {
            return false;
        }

        if (grantedAtMs >= 0)
        {
            live.MarkGranted(request, grantedAtMs);
        }

        sum += request.DigestPart;
        return true;
    }
}
