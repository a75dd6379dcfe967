// The state machine: it applies log entries, one after the other, and returns events. It is a pure function of the log:
// no clock, no randomness, no settings, no I/O, and no input makes it throw. The whole loop of its caller:
//
//     foreach (var (bytes, index, term) in log)
//         if (machine.Apply(bytes, index, term, events) == ApplyOutcome.Applied)
//             foreach (var happened in events) tell(happened);
//         else
//             halt();      // a committed entry that can't be understood: never skip it
//
// It is not thread-safe.
using System.Diagnostics;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>The replicated state: namespaces, live requests, queues, clock, ledger.</summary>
public sealed partial class LockStateMachine
{
    private readonly Namespaces namespaces;
    private readonly LockTree tree;
    private readonly LiveRequests live = new();
    private readonly Ledger ledger = new();
    private readonly DigestHistory points = new();
    private readonly List<LockRequest> unblocked = [];
    private UInt128 sum;

    /// <summary>An empty state.</summary>
    /// <param name="hashSeed">Seeds the hash tables against chosen collisions. No effect on any result.</param>
    /// <param name="maxCached">How many namespaces that have just become empty are kept ready. No effect on any
    /// result.</param>
    public LockStateMachine(uint hashSeed = 0, int maxCached = Namespaces.MaxCached)
    {
        namespaces = new Namespaces(hashSeed, maxCached);
        tree = new LockTree(hashSeed);
        blockers = new BlockerSearch(tree);
        NamespaceListTag = (uint)Hash128.Of("namespaces"u8, hashSeed).Low();
    }

    /// <summary>Raft index of the last entry applied.</summary>
    public long AppliedIndex { get; private set; }

    /// <summary>Its term.</summary>
    public long AppliedTerm { get; private set; }

    /// <summary>The greatest leader's time applied, ms since 1970: never runs backwards.</summary>
    public long ClockMs { get; private set; }

    /// <summary>Commands above it are not proposed.</summary>
    public int FeatureLevel { get; private set; } = 1;

    /// <summary>Live requests, acquired and enqueued.</summary>
    public int LiveCount => live.Count;

    /// <summary>Namespaces, empty ones included.</summary>
    public int NamespaceCount => namespaces.Count;

    /// <summary>The position and the head of the ledger.</summary>
    public LedgerHead LedgerHead => ledger.Head;

    /// <summary>The ledger's record of the last entry, valid until the next is applied.</summary>
    public ReadOnlySpan<byte> LastRecord => ledger.LastRecord;

    /// <summary>The digest of the whole state: the sum of what each live request, each namespace's counter, each token
    /// and each policy adds, then mixed with index, term, clock, feature level, and the ledger's position and head. A
    /// snapshot has all of it, so it can be computed again from one.
    /// </summary>
    public UInt128 Digest
    {
        get
        {
            var head = ledger.Head;
            var hash = Hash128.With(Hash128.With(sum + Auth.Sum, (ulong)AppliedIndex), (ulong)AppliedTerm);
            hash = Hash128.With(Hash128.With(hash, (ulong)ClockMs), (ulong)FeatureLevel);
            hash = Hash128.With(hash, (ulong)head.Position);
            hash = Hash128.With(Hash128.With(hash, head.Head.A.Low()), head.Head.A.High());
            return Hash128.With(Hash128.With(hash, head.Head.B.Low()), head.Head.B.High());
        }
    }

    /// <summary>Applies one entry.</summary>
    /// <param name="entry">The bytes that an <see cref="EntryWriter"/> made.</param>
    /// <param name="index">Its Raft index.</param>
    /// <param name="term">Its term.</param>
    /// <param name="events">Cleared, then filled with what happened.</param>
    public ApplyOutcome Apply(ReadOnlySpan<byte> entry, long index, long term, EventList events)
    {
        events.Clear();
        var outcome = EntryReader.Open(entry, out var reader);
        if (outcome != ApplyOutcome.Applied)
        {
            return outcome;
        }

        ClockMs = Math.Max(ClockMs, reader.LeaderTimeMs);
        for (var ordinal = 0; ordinal < reader.Count; ordinal++)
        {
            reader.Next(out var command);
            Apply(command, index, ordinal, events);
        }

        ledger.Close(index, ClockMs);
        MoveTo(index, term);
        return ApplyOutcome.Applied;
    }

    /// <summary>
    /// Passes over an entry of Raft's own (a leader's barrier, a configuration): only index and term move.
    /// </summary>
    public void ApplyEmpty(long index, long term) => MoveTo(index, term);

    private void MoveTo(long index, long term)
    {
        AppliedIndex = index;
        AppliedTerm = term;
        if (index % Limits.DigestInterval == 0)
        {
            points.Add(new DigestPoint(index, Digest, ledger.Head.Head));
        }
    }

    private void Apply(in DecodedCommand command, long index, int ordinal, EventList events)
    {
        switch (command.Kind)
        {
            case >= CommandKind.InitialiseAuth when FeatureLevel < 3:
                Reject(RejectReason.AboveFeatureLevel, ordinal, events);
                break;
            case not CommandKind.RaiseFeatureLevel when !command.Principal.IsEmpty && FeatureLevel < 3:
                Reject(RejectReason.AboveFeatureLevel, ordinal, events);
                break;
            case CommandKind.Lock:
                ApplyLock(command, ordinal, events);
                break;
            case CommandKind.Release:
                End(FindBySession(command), EventKind.Released, command, ordinal, events);
                break;
            case CommandKind.Abandon:
                End(FindById(command), EventKind.Abandoned, command, ordinal, events);
                break;
            case CommandKind.RaiseFeatureLevel:
                RaiseFeatureLevel(command.Level, ordinal, events);
                break;
            case CommandKind.Timeout or CommandKind.Revoke or CommandKind.Downgrade when FeatureLevel < 2:
                Reject(RejectReason.AboveFeatureLevel, ordinal, events);
                break;
            case CommandKind.Timeout:
                TimeOut(FindById(command), command, ordinal, events);
                break;
            case CommandKind.Revoke:
                End(FindById(command), EventKind.Revoked, command, ordinal, events);
                break;
            case CommandKind.Downgrade:
                Downgrade(FindById(command), command, index, ordinal, events);
                break;
            case CommandKind.InitialiseAuth or CommandKind.SetPolicy or CommandKind.DeletePolicy:
            case CommandKind.CreateToken or CommandKind.RotateToken or CommandKind.DeleteToken:
                ApplyAuth(command, ordinal, events);
                break;
            default:
                throw new UnreachableException($"A command of the kind {command.Kind}, which no reader lets pass.");
        }
    }

    private void ApplyLock(in DecodedCommand command, int ordinal, EventList events)
    {
        var owner = namespaces.GetOrAdd(command.Namespace);
        if (live.Find(owner, command.Session, command.Channel) is { } already)
        {
            Reject(RejectReason.AlreadyLive, ordinal, events, already);
            return;
        }

        var nameHash = owner.NameHash;
        var request = new LockRequest(
            owner,
            owner.LastId + 1,
            command.Session,
            command.AbandonTimeoutMs,
            command.WaitLimitMs,
            ClockMs,
            command.Body.ToArray(),
            nameHash,
            Auth.Shared(command.Principal)
        );
        live.Add(request);
        var granted = tree.Enqueue(request);
        if (!granted && command.WaitLimitMs == 0)
        {
            // No request waits for the youngest one, so removing it again unblocks none.
            tree.Remove(request, unblocked);
            live.Remove(request);
            namespaces.CacheIfEmpty(owner);
            Reject(RejectReason.Busy, ordinal, events);
            return;
        }

        sum -= owner.LastId == 0 ? UInt128.Zero : NamespaceState.DigestPartOf(nameHash, owner.LastId);
        namespaces.SetLastId(owner, request.Id);
        sum += NamespaceState.DigestPartOf(nameHash, owner.LastId);
        if (granted)
        {
            live.MarkAcquired(request, ClockMs);
        }

        sum += request.DigestPart;
        var kind = granted ? EventKind.Acquired : EventKind.Enqueued;
        ledger.RecordBegin(kind, request);
        events.Add(new LockEvent(kind, ordinal, IsReply: true, RejectReason.None, request));
    }

    private void RaiseFeatureLevel(int level, int ordinal, EventList events)
    {
        if (level <= FeatureLevel)
        {
            Reject(RejectReason.LevelNotHigher, ordinal, events);
            return;
        }

        FeatureLevel = level;
        ledger.RecordFeatureLevel(level);
        events.Add(
            new LockEvent(EventKind.FeatureLevelRaised, ordinal, IsReply: true, RejectReason.None, Request: null)
        );
    }

    private static void Reject(RejectReason reason, int ordinal, EventList events, LockRequest? concerned = null) =>
        events.Add(new LockEvent(EventKind.Rejected, ordinal, IsReply: true, reason, concerned));

    private LockRequest? FindBySession(in DecodedCommand command) =>
        namespaces.Find(command.Namespace) is { } owner ? live.Find(owner, command.Session, command.Channel) : null;

    private LockRequest? FindById(in DecodedCommand command) =>
        namespaces.Find(command.Namespace) is { } owner ? live.Find(owner, command.Id) : null;
}

/// <summary>One event of an applied entry.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Ordinal">The number of the command in the entry, from 0.</param>
/// <param name="IsReply">Whether it answers that command; else it reports that another request became acquired.</param>
/// <param name="Reason">Why, if rejected.</param>
/// <param name="Request">The request; null where none is concerned. A rejection that was due to a live request's state
/// names it too.</param>
public readonly record struct LockEvent(
    EventKind Kind,
    int Ordinal,
    bool IsReply,
    RejectReason Reason,
    LockRequest? Request
)
{
    /// <summary>The request's id; 0 where none is concerned.</summary>
    public ulong Id => Request?.Id ?? 0;
}

/// <summary>The events of one entry, in order; reused from entry to entry.</summary>
public sealed class EventList
{
    private LockEvent[] events = new LockEvent[16];

    /// <summary>The number of events.</summary>
    public int Count { get; private set; }

    /// <summary>The event at a position.</summary>
    public ref readonly LockEvent this[int index] => ref events[index];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(events, 0, Count);
        Count = 0;
    }

    internal void Add(in LockEvent happened)
    {
        if (Count == events.Length)
        {
            Array.Resize(ref events, Count * 2);
        }

        events[Count++] = happened;
    }
}
