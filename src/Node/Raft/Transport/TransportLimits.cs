// Every limit of the connections between members, in one place.
namespace RaftLocks.Node.Raft.Transport;

/// <summary>Limits of the connections between members.</summary>
internal static class TransportLimits
{
    /// <summary>Connections that the kernel keeps for a listener that has not accepted them yet.</summary>
    public const int Backlog = 128;

    /// <summary>Accepted connections that are open at the same time. Four other members need one each; the rest is for
    /// what a broken network leaves behind.</summary>
    public const int MaxInbound = 64;

    /// <summary>How long a connection may take until it has shown whose it is, by its first request.</summary>
    public static readonly TimeSpan IntroductionTime = TimeSpan.FromSeconds(5);

    /// <summary>How long whoever connects may take to prove who it is.</summary>
    public static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(2);

    /// <summary>Connections whose other end is proving who it is, at the same time.</summary>
    public const int MaxHandshakes = 32;

    /// <summary>Bytes of one entry. A leader's have about an eighth of it: a whole batch, and the command that exceeds
    /// it.</summary>
    public const int MaxEntryBytes = 8 << 20;

    /// <summary>Bytes of one request that is gathered: the entries of an exchange, about three times what a leader
    /// sends at once.</summary>
    public const int MaxRequestBytes = 16 << 20;

    /// <summary>Bytes of all requests that are being gathered at the same time.</summary>
    public const long MaxGatheredBytes = 64 << 20;

    /// <summary>Bytes of the members that come with a snapshot. Five members have a few hundred.</summary>
    public const int MaxMembersBytes = 64 << 10;

    /// <summary>Bytes of what a member tells of its addresses.</summary>
    public const int MaxMetadataBytes = 64 << 10;

    /// <summary>By how much a received term may be greater than this node's. An election takes half a second at least:
    /// a million of them take six days, without a leader in between.</summary>
    public const long MaxTermJump = 1 << 20;

    /// <summary>The same for a node that waits to be added, and knows no term yet.</summary>
    public const long MaxFirstTerm = 1L << 40;

    /// <summary>How often the log repeats that something was refused, s.</summary>
    public const int RefusalWarningSeconds = 10;

    /// <summary>Bytes of one write or read.</summary>
    public const int BlockBytes = 64 << 10;

    /// <summary>How long the other end may be silent in the middle of a request.</summary>
    public static readonly TimeSpan SilenceInRequest = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which, and then at which interval, the kernel asks the other end whether it is there,
    /// s.</summary>
    public const int KeepAliveSeconds = 5;

    /// <summary>Questions without an answer before the connection is closed.</summary>
    public const int KeepAliveRetries = 3;

    /// <summary>The first wait after a connection could not be accepted, ms. Each further failure doubles it.</summary>
    public const int AcceptRetryMs = 10;

    /// <summary>The longest wait after a connection could not be accepted, ms.</summary>
    public const int MaxAcceptRetryMs = 500;

    /// <summary>How often the log repeats that connections can't be accepted, s.</summary>
    public const int AcceptWarningSeconds = 30;
}
