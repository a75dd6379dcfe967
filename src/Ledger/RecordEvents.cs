// The events of a record item with their details: each tells by itself whose request it was, what it asked for and
// since when.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger;

/// <summary>One event of the journal, with its details.</summary>
public ref struct EventRecord
{
    /// <summary>The kind of the event.</summary>
    public EventKind Kind { get; internal set; }

    /// <summary>Whether the request begins here.</summary>
    public bool Begins { get; internal set; }

    /// <summary>Whether a request is concerned.</summary>
    public bool HasRequest { get; internal set; }

    /// <summary>
    /// Whether whose request it is and what it asks for is known: of a very large record only the first details are
    /// kept.
    /// </summary>
    public bool HasDetails { get; internal set; }

    /// <summary>Name of the namespace, UTF-8.</summary>
    public ReadOnlySpan<byte> Namespace { get; internal set; }

    /// <summary>The request's number in it.</summary>
    public ulong Id { get; internal set; }

    /// <summary>The session of the request.</summary>
    public SessionId Session { get; internal set; }

    /// <summary>The replicated clock when the request began, ms since 1970.</summary>
    public long EnqueuedAtMs { get; internal set; }

    /// <summary>The replicated clock when it was acquired, ms since 1970; -1 if not (yet).</summary>
    public long AcquiredAtMs { get; internal set; }

    /// <summary>The abandon timeout, ms, if the request begins here.</summary>
    public long AbandonTimeoutMs { get; internal set; }

    /// <summary>The wait limit, ms, if the request begins here; -1 for none.</summary>
    public long WaitLimitMs { get; internal set; }

    /// <summary>The body of the request after the event; see <see cref="LockBody"/>.</summary>
    public ReadOnlySpan<byte> Body { get; internal set; }

    /// <summary>Why it was revoked, UTF-8; empty where it was not, or nobody said.</summary>
    public ReadOnlySpan<byte> Reason { get; internal set; }

    /// <summary>The new feature level, where one was raised.</summary>
    public int Level { get; internal set; }

    /// <summary>
    /// Who caused the event, UTF-8; empty where nobody was authenticated, or the leader did by itself.
    /// </summary>
    public ReadOnlySpan<byte> Principal { get; internal set; }

    /// <summary>Who asked for the request, UTF-8; empty where nobody was authenticated, or it is not known.</summary>
    public ReadOnlySpan<byte> Holder { get; internal set; }

    /// <summary>The token, the policy, or the name of what was deleted; see <see cref="LedgerFormat"/>.</summary>
    public ReadOnlySpan<byte> Payload { get; internal set; }
}

/// <summary>Walks through the events of a record item.</summary>
public ref struct RecordEvents
{
    private LedgerReader reader;
    private DetailReader details;

    /// <summary>Raft index of the entry.</summary>
    public readonly long Index => reader.Index;

    /// <summary>The replicated clock after it, ms since 1970.</summary>
    public readonly long ClockMs => reader.ClockMs;

    /// <summary>The fault at which the walk has ended; null if it went to the last event.</summary>
    public string? Error { get; private set; }

    /// <summary>Opens an item; null, or what is wrong with it.</summary>
    public static string? Open(in RecordItem item, out RecordEvents opened)
    {
        var wrong = LedgerReader.Open(item.Record, out var reader);
        opened = new RecordEvents { reader = reader, details = new DetailReader(item.Details) };
        return wrong;
    }

    /// <summary>Goes to the next event; false after the last one, and where something is wrong.</summary>
    public bool TryNext(out EventRecord told)
    {
        told = default;
        if (reader.Left == 0)
        {
            Error = details.AtEnd ? null : "a record has more details than events";
            return false;
        }

        Error = reader.Next(out var happened);
        if (Error is not null)
        {
            return false;
        }

        Detail detail = default;
        if (happened.HasRequest && !happened.Begins && !details.TryNext(out detail))
        {
            Error = "the details of a record are damaged";
            return false;
        }

        told.Kind = happened.Kind;
        told.Begins = happened.Begins;
        told.HasRequest = happened.HasRequest;
        told.HasDetails = happened.Begins || detail.IsThere;
        told.Namespace = happened.Namespace;
        told.Id = happened.Id;
        told.Session = happened.Begins ? happened.Session : detail.Session;
        told.EnqueuedAtMs = happened.Begins ? ClockMs : detail.EnqueuedAtMs;
        told.AcquiredAtMs =
            !happened.Begins ? detail.AcquiredAtMs
            : happened.Kind == EventKind.Acquired ? ClockMs
            : -1;
        told.AbandonTimeoutMs = happened.AbandonTimeoutMs;
        told.WaitLimitMs = happened.WaitLimitMs;
        told.Body = happened.Begins ? happened.Body : detail.Body;
        told.Reason = happened.Reason;
        told.Level = happened.Level;
        told.Principal = happened.Principal;
        told.Holder = happened.Begins ? happened.Principal : detail.Principal;
        told.Payload = happened.Payload;
        return true;
    }
}
