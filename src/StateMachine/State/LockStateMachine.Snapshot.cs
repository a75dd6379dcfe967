// Freezing and restoring. A restored machine enqueues all live requests again, in id order: what is acquired is
// derived, and must agree with what the snapshot says was acquired; and the digest of the result must be the one that
// was frozen.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.StateMachine.State;

public sealed partial class LockStateMachine
{
    private UInt128 raise;

    /// <summary>
    /// The state as it stands, in microseconds; what is changed afterwards is copied then, a few kilobytes at a time.
    /// </summary>
    public FrozenState Freeze() =>
        new(live.Freeze(), namespaces.Freeze())
        {
            Index = AppliedIndex,
            Term = AppliedTerm,
            ClockMs = ClockMs,
            FeatureLevel = FeatureLevel,
            Ledger = ledger.Head,
            Digest = Digest,
            Auth = Auth,
        };

    /// <summary>
    /// Makes the machine that a snapshot was taken of. Of one that is too large for the memory:
    /// <see cref="StateRestorer"/>.
    /// </summary>
    /// <param name="snapshot">What <see cref="FrozenState.WriteTo"/> wrote.</param>
    /// <param name="hashSeed">See the constructor.</param>
    /// <param name="machine">The machine; null if something is wrong.</param>
    /// <returns>Null, or what is wrong, for people.</returns>
    public static string? Restore(ReadOnlySpan<byte> snapshot, uint hashSeed, out LockStateMachine? machine)
    {
        machine = null;
        var check = new SnapshotCheck();
        if ((check.Append(snapshot) ?? check.Complete()) is { } error)
        {
            return error;
        }

        var restorer = new StateRestorer(hashSeed);
        return restorer.Append(snapshot) ?? restorer.Complete(out machine);
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

    internal void RestoreAuth(AuthState auth) => Auth = auth;

    /// <summary>Adds an empty namespace that has given numbers up to one already; false if it is there. Only where a
    /// new cluster is made of a backup, before it has applied anything: what was locked after the backup is unknown to
    /// it, and so are the numbers given then.
    /// </summary>
    public bool TryAddNamespace(ReadOnlySpan<byte> name, ulong lastId)
    {
        if (lastId == 0 || namespaces.TryGet(name, out _))
        {
            return false;
        }

        namespaces.AddEmpty(name.ToArray(), lastId);
        sum += NamespaceState.DigestPartOf(NamespaceState.NameHashOf(name), lastId);
        return true;
    }

    /// <summary>Adds a namespace; returns it if something lives in it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="lastId">Its counter as it was saved, which the snapshot's digest counts.</param>
    /// <param name="raised">Its counter from now on.</param>
    /// <param name="hasLive">Whether something lives in it.</param>
    internal NamespaceState? RestoreNamespace(ReadOnlySpan<byte> name, ulong lastId, ulong raised, bool hasLive)
    {
        var hash = NamespaceState.NameHashOf(name);
        sum += NamespaceState.DigestPartOf(hash, lastId);
        raise += NamespaceState.DigestPartOf(hash, raised) - NamespaceState.DigestPartOf(hash, lastId);
        if (!hasLive)
        {
            namespaces.AddEmpty(name.ToArray(), raised);
            return null;
        }

        var owner = namespaces.GetOrAdd(name);
        namespaces.SetLastId(owner, raised);
        return owner;
    }

    /// <summary>Completes the raise: from here on the digest is that of the raised counters.</summary>
    internal void CompleteRaise()
    {
        sum += raise;
        raise = 0;
    }

    /// <summary>Enqueues a request again; false if it does not fit what was before it.</summary>
    internal bool TryRestoreRequest(LockRequest request, long acquiredAtMs)
    {
        if (live.Find(request.Owner, request.Session, request.ChannelBytes) is not null)
        {
            return false;
        }

        live.Add(request);
        if (tree.Enqueue(request) != acquiredAtMs >= 0)
        {
            return false;
        }

        if (acquiredAtMs >= 0)
        {
            live.MarkAcquired(request, acquiredAtMs);
        }

        sum += request.DigestPart;
        return true;
    }
}
