// The hard limits of the binary formats. They are part of the format: an entry or snapshot beyond them is damaged.
// Softer limits (what a client may ask for) are the node's, and are checked before anything is proposed. The last ones
// bound what a query may cost.
namespace RaftLocks.StateMachine;

/// <summary>Hard limits of log entries and snapshots.</summary>
public static class Limits
{
    /// <summary>Bytes in a namespace's name.</summary>
    public const int MaxNamespaceBytes = 1024;

    /// <summary>Bytes of a channel's name.</summary>
    public const int MaxChannelBytes = 256;

    /// <summary>Bytes of a label, and of a client's own reference.</summary>
    public const int MaxLabelBytes = 1024;

    /// <summary>Bytes of the reason for a revoke.</summary>
    public const int MaxReasonBytes = 256;

    /// <summary>Bytes of a principal: who caused a command.</summary>
    public const int MaxPrincipalBytes = 256;

    /// <summary>Bytes in the name of a token or a policy.</summary>
    public const int MaxAuthNameBytes = 128;

    /// <summary>Tokens, at most. Part of apply: changing it takes a new feature level.</summary>
    public const int MaxTokens = 4096;

    /// <summary>Policies, at most. Part of apply: changing it takes a new feature level.</summary>
    public const int MaxPolicies = 512;

    /// <summary>Rules in one policy.</summary>
    public const int MaxRulesPerPolicy = 64;

    /// <summary>Policies of one token.</summary>
    public const int MaxPoliciesPerToken = 16;

    /// <summary>Bytes of a policy or a token as it is kept.</summary>
    public const int MaxAuthItemBytes = 16_384;

    /// <summary>Bytes of the key of all tokens' hashes, and of each hash (HMAC-SHA-256).</summary>
    public const int AuthHashBytes = 32;

    /// <summary>Bytes of all tokens and policies in a snapshot: more than the limits above allow.</summary>
    public const int MaxAuthBytes = 32 << 20;

    /// <summary>Resources in one lock.</summary>
    public const int MaxResources = 65_536;

    /// <summary>Segments in one path.</summary>
    public const int MaxPathSegments = 1024;

    /// <summary>Bytes in one segment.</summary>
    public const int MaxSegmentBytes = 65_536;

    /// <summary>Commands in one log entry.</summary>
    public const int MaxCommandsPerEntry = 65_536;

    /// <summary>The digest of the state is published at each applied index that is a multiple of this.</summary>
    public const int DigestInterval = 64;

    /// <summary>How many of those are kept.</summary>
    public const int DigestPointsKept = 64;

    /// <summary>Steps that a single page of a list may take while the state stands still.</summary>
    public const int MaxStepsPerPage = 4096;

    /// <summary>Buckets that a single page of namespaces may look into.</summary>
    public const int MaxBucketsPerPage = 4096;

    /// <summary>Requests before one in line that are counted, at most.</summary>
    public const int MaxPlace = 1000;

    /// <summary>
    /// Queue entries that are looked at for one position in the queue, at most: some readers may hold what a writer
    /// waits for, and do not count.
    /// </summary>
    public const int MaxEntriesPerPlace = 4096;

    /// <summary>Requests in one explanation, at most.</summary>
    public const int MaxChain = 1000;

    /// <summary>
    /// Queue entries that are looked at for one explanation, at most, and as many again for the positions in the queue
    /// that it tells.
    /// </summary>
    public const int MaxEntriesPerChain = 1 << 18;

    /// <summary>How many of those that it waits for directly are named of each request in an explanation.</summary>
    public const int MaxNamedBlockers = 16;

    /// <summary>
    /// Live requests that a restore makes room for beforehand, on the word of a count that may lie; beyond, its tables
    /// grow as they do otherwise.
    /// </summary>
    public const int MaxReservedForRestore = 1 << 19;
}
