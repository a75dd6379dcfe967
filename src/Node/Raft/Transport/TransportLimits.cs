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
