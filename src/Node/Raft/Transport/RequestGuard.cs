// Looks at each request before the library does. The library believes whoever speaks first: it enters any term, gives
// up leadership for one byte, and takes entries and members from anybody. Here a request is refused, and its connection
// closed, unless it comes from a member and makes sense as a whole; until then nothing in this node has changed. So the
// entries of an exchange are gathered first. That also keeps a member that hangs in the middle of them from holding the
// lock that elections need. Only a snapshot is too large for that: what comes before it is looked at first.
using DotNext.Net.Cluster;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Looks at the requests of one connection.</summary>
/// <param name="admission">Who may say what.</param>
/// <param name="names">The names that the other end has proven by its certificate; null without TLS.</param>
internal sealed class RequestGuard(IAdmission admission, IReadOnlyList<string>? names)
{
    // Where the look at the entries of a request has come to.
    private int position;
    private int entriesLeft;
    private int framesFrom;
    private long term;
    private RequestFormat.EntryHead entry;
    private FrameScanner frames;
    private bool isInContent;

    /// <summary>The member at the other end, from its first request on; null before.</summary>
    public string? Sender { get; private set; }

    /// <summary>Whether the rest of a snapshot follows, which is handed on as it comes.</summary>
    public bool IsInSnapshot { get; private set; }

    /// <summary>Looks at a request, of which more may have to come.</summary>
    /// <param name="request">All that has come of it.</param>
    /// <returns>Whether it may be handed on.</returns>
    /// <exception cref="RefusedException">It is refused.</exception>
    public bool Check(ReadOnlySpan<byte> request)
    {
        var kind = request[0];
        var head = RequestFormat.HeadBytes(kind);
        if (head == 0)
        {
            throw new RefusedException($"a request of kind {kind}, which no member sends");
        }

        if (request.Length < head)
        {
            return false;
        }

        if (position == 0)
        {
            CheckHead(kind, request);
            position = head;
            frames = default;
            isInContent = false;
        }

        return kind switch
        {
            RequestFormat.AppendEntries => CheckEntries(request) && IsAtEnd(request),
            RequestFormat.InstallSnapshot => CheckMembers(request),
            _ => IsAtEnd(request),
        };
    }

    /// <summary>Goes on over more of a snapshot.</summary>
    /// <exception cref="RefusedException">More follows than the snapshot.</exception>
    public void Follow(ReadOnlySpan<byte> bytes)
    {
        if (frames.Advance(bytes) < bytes.Length)
        {
            throw Surplus();
        }

        IsInSnapshot = !frames.IsComplete;
    }

    private static RefusedException Surplus() => new("more bytes than the request has");

    private bool IsAtEnd(ReadOnlySpan<byte> request)
    {
        if (request.Length > position)
        {
            throw Surplus();
        }

        position = 0;
        return true;
    }

    private void CheckHead(byte kind, ReadOnlySpan<byte> request)
    {
        if (!RequestFormat.HasSender(kind))
        {
            // It says nothing about this node to anybody, but costs the leader a round.
            if (kind == RequestFormat.Synchronize && Sender is null && names is null)
            {
                throw new RefusedException("a question by who has not said who it is", isUnknown: true);
            }

            return;
        }

        CheckSender(RequestFormat.SenderOf(request));
        term = RequestFormat.TermOf(request);
        if (
            term < 0
            || RequestFormat.IndexOf(request) < 0
            || (
                kind != RequestFormat.InstallSnapshot
                && RequestFormat.LastTermOf(request) is var last
                && (last < 0 || last > term)
            )
        )
        {
            throw new RefusedException($"an impossible index or term from {Sender}");
        }

        if (term > admission.Term && term - admission.Term > admission.MaxTermJump)
        {
            throw new RefusedException($"term {term} from {Sender}, too far beyond this node's own, {admission.Term}");
        }

        if (kind == RequestFormat.AppendEntries)
        {
            entriesLeft = RequestFormat.CountOf(request);
            if (entriesLeft < 0 || RequestFormat.CommitIndexOf(request) < 0)
            {
                throw new RefusedException($"an impossible number of entries or commit index from {Sender}");
            }
        }
        else if (kind == RequestFormat.InstallSnapshot)
        {
            var snapshot = RequestFormat.SnapshotOf(request);
            if (
                !snapshot.IsSnapshot
                || snapshot.HasUnknownFlag
                || snapshot.Term < 0
                || snapshot.Term > term
                || RequestFormat.IndexOf(request) == 0
                || RequestFormat.MembersVersionOf(request) < 0
            )
            {
                throw new RefusedException($"an impossible snapshot from {Sender}");
            }
        }
    }

    private void CheckSender(in ClusterMemberId sender)
    {
        if (admission.NameOf(sender) is not { } name)
        {
            throw new RefusedException("a request of who is no member", isUnknown: true);
        }

        if (names is not null && !names.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            throw new RefusedException(
                $"a request in the name of {name} by whose certificate says {string.Join(", ", names)}"
            );
        }

        Sender = name;
    }

    /// <summary>Goes on over the entries of an exchange; false if more must come.</summary>
    private bool CheckEntries(ReadOnlySpan<byte> request)
    {
        while (entriesLeft > 0)
        {
            if (!isInContent)
            {
                if (request.Length - position < RequestFormat.EntryHeadBytes)
                {
                    return false;
                }

                BeginEntry(RequestFormat.EntryHead.Read(request[position..]));
                position += RequestFormat.EntryHeadBytes;
                framesFrom = position;
            }

            position += frames.Advance(request[position..]);
            if (frames.Announced > entry.Length)
            {
                throw new RefusedException($"an entry that is longer than it says, from {Sender}");
            }

            if (!frames.IsComplete)
            {
                return false;
            }

            EndEntry(request[framesFrom..position]);
            isInContent = false;
            entriesLeft--;
        }

        return true;
    }

    private void BeginEntry(in RequestFormat.EntryHead head)
    {
        if (head.Length > TransportLimits.MaxEntryBytes)
        {
            throw new RefusedException(
                $"an entry of {head.Length} bytes from {Sender}; one has {TransportLimits.MaxEntryBytes} at most"
            );
        }

        if (head.Length < 0 || head.IsSnapshot || head.HasUnknownFlag || head.Term < 0 || head.Term > term)
        {
            throw new RefusedException($"an impossible entry from {Sender}");
        }

        entry = head;
        frames = default;
        isInContent = true;
    }

    private void EndEntry(ReadOnlySpan<byte> received)
    {
        if (frames.Length != entry.Length)
        {
            throw new RefusedException($"an entry that is shorter than it says, from {Sender}");
        }

        if (admission.FaultOfEntry(FrameScanner.ContentOf(received), entry.IsConfiguration) is { } fault)
        {
            throw new RefusedException($"an entry from {Sender} {fault}");
        }
    }

    /// <summary>Goes on over the members that come before a snapshot; false if more of them must come.</summary>
    private bool CheckMembers(ReadOnlySpan<byte> request)
    {
        if (!isInContent)
        {
            (isInContent, framesFrom) = (true, position);
        }

        position += frames.Advance(request[position..]);
        if (frames.Announced > TransportLimits.MaxMembersBytes)
        {
            throw new RefusedException($"a list of members of {frames.Announced} bytes from {Sender}");
        }

        if (!frames.IsComplete)
        {
            return false;
        }

        var members = FrameScanner.ContentOf(request[framesFrom..position]);
        if (admission.FaultOfMembers(members, RequestFormat.MembersVersionOf(request)) is { } fault)
        {
            throw new RefusedException($"a list of members from {Sender} {fault}");
        }

        frames = default;
        IsInSnapshot = true;
        Follow(request[position..]);
        position = 0;
        return true;
    }
}
