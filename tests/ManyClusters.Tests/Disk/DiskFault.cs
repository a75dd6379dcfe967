// What a disk can be made to do to whoever writes to it.
namespace RaftLocks.ManyClusters.Disk;

/// <summary>How a disk misbehaves.</summary>
internal enum DiskFaultKind
{
    /// <summary>What must be durable when it returns does not return.</summary>
    Hang,

    /// <summary>What must be durable when it returns takes long.</summary>
    Slow,

    /// <summary>Writes fail with an I/O error.</summary>
    Error,

    /// <summary>Writes fail because there is no room.</summary>
    Full,
}

/// <summary>A fault of a disk.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Part">Only to files whose paths contain this.</param>
/// <param name="DelayMs">How long a slow write takes.</param>
internal sealed record DiskFault(DiskFaultKind Kind, string Part, int DelayMs = 0);
