// How the process ends, for scripts and service managers. Shown by --help.
namespace RaftLocks.Node.Foundation;

/// <summary>Exit codes of the node.</summary>
internal static class ExitCodes
{
    /// <summary>The node was asked to end.</summary>
    public const int Ended = 0;

    /// <summary>The node could not start: a port or the data folder can't be used.</summary>
    public const int CouldNotStart = 1;

    /// <summary>Its settings are wrong.</summary>
    public const int WrongSettings = 2;

    /// <summary>
    /// The disk of its data folder is full, read-only or failing. Starting it again helps once the disk is well.
    /// </summary>
    public const int DiskFailed = 74;

    /// <summary>Its data was written by a newer version. Nothing was changed; that version must be started.</summary>
    public const int NewerData = 72;

    /// <summary>The machine had no memory, open files or threads left for it. Starting it again may help.</summary>
    public const int OutOfResources = 75;

    /// <summary>Others have something else than it knows as committed. Starting it again won't help.</summary>
    public const int Contradicted = 71;

    /// <summary>The node can't trust its data, or can't apply the log. Starting it again won't help.</summary>
    public const int Halted = 70;
}
