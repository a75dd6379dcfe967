// What a client may ask for at most.
namespace RaftLocks.Protocol;

/// <summary>Limits of messages and of the connection's query.</summary>
public sealed record MessageLimits
{
    /// <summary>How deep JSON may be nested; the protocol itself needs four levels.</summary>
    public const int MaxJsonDepth = 16;

    /// <summary>Bytes of a message.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>Resources in a lock.</summary>
    public int MaxResources { get; init; } = 256;

    /// <summary>Segments in a path.</summary>
    public int MaxPathSegments { get; init; } = 64;

    /// <summary>Bytes in a segment, UTF-8.</summary>
    public int MaxSegmentBytes { get; init; } = 1024;

    /// <summary>Bytes in a namespace's name, UTF-8.</summary>
    public int MaxNamespaceBytes { get; init; } = 256;

    /// <summary>Longest abandon timeout, ms: seven days.</summary>
    public long MaxAbandonTimeoutMs { get; init; } = 7L * 24 * 60 * 60 * 1000;

    /// <summary>Bytes of a channel's name, UTF-8.</summary>
    public int MaxChannelBytes { get; init; } = 64;

    /// <summary>Bytes of a client's own reference ("ref", and "t" of a ping), UTF-8.</summary>
    public int MaxRefBytes { get; init; } = 64;

    /// <summary>Bytes of a traceparent: version 00 has 55, later ones may have more.</summary>
    public int MaxTraceParentBytes { get; init; } = 128;

    /// <summary>Bytes of a label, UTF-8.</summary>
    public int MaxLabelBytes { get; init; } = 128;

    /// <summary>Longest wait for a lock that has a limit, ms: seven days.</summary>
    public long MaxWaitTimeoutMs { get; init; } = 7L * 24 * 60 * 60 * 1000;

    /// <summary>Characters of a session's token at least: fewer could be guessed.</summary>
    public int MinTokenLength { get; init; } = 16;

    /// <summary>Characters of a session's token at most.</summary>
    public int MaxTokenLength { get; init; } = 128;

    /// <summary>Whether a path may be empty, which locks the whole namespace.</summary>
    public bool AllowEmptyPath { get; init; }
}
