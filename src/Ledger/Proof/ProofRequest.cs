// A live request as the proof sees it.
using System.Text;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Proof;

internal sealed class ProofRequest
{
    private const int MaxTextLength = 160;

    public required NamespaceVerifier Space { get; init; }

    public required ulong Id { get; init; }

    public required SessionId Session { get; init; }

    public required long AbandonTimeoutMs { get; init; }

    public required long WaitLimitMs { get; init; }

    public required long EnqueuedAtMs { get; init; }

    public required byte[] Body { get; set; }

    public required byte[] Principal { get; init; }

    public long AcquiredAtMs { get; set; } = -1;

    public bool IsAcquired => AcquiredAtMs >= 0;

    /// <summary>The sets of the tree that it is in.</summary>
    public List<(PathNode Node, Part Part)> Places { get; } = [];

    /// <summary>All sets in which an older request would block it; filled when it waits.</summary>
    public IdSet[] Blockers { get; set; } = [];

    /// <summary>The next blocker to check: those before it block no longer.</summary>
    public int NextBlocker { get; set; }

    /// <summary>The blocker that it waits at.</summary>
    public IdSet? Watches { get; set; }

    public ReadOnlySpan<byte> Resources => LockBody.TryParse(Body, out var body) ? body.ResourceBytes : default;

    public override string ToString()
    {
        var text = new StringBuilder(Encoding.UTF8.GetString(Space.Name)).Append('#').Append(Id).Append(" (");
        if (LockBody.TryParse(Body, out var body))
        {
            text.Append(new ResourceSet(body.ResourceBytes.ToArray()));
            text.Length = Math.Min(text.Length, MaxTextLength);
            text.Append(body.Label.IsEmpty ? "" : ", label " + Encoding.UTF8.GetString(body.Label));
        }

        return text.Append(", session ").Append(Session).Append(')').ToString();
    }
}
