// The hard limits of the binary formats. They are part of the format: an entry or snapshot beyond them is damaged.
// Softer limits (what a client may ask for) are the node's, and are checked before anything is proposed.
namespace RaftLocks.StateMachine;

/// <summary>Hard limits of log entries and snapshots.</summary>
public static class Limits
{
    /// <summary>Bytes in a namespace's name.</summary>
    public const int MaxNamespaceBytes = 1024;

    /// <summary>Bytes of a channel's name.</summary>
    public const int MaxChannelBytes = 256;

    /// <summary>Bytes of a label, and of a client's own mark.</summary>
    public const int MaxLabelBytes = 1024;

    /// <summary>Bytes of the reason for a revoke.</summary>
    public const int MaxReasonBytes = 256;

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
    public const int DigestMarksKept = 64;
}
