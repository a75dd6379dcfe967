// How the process ends, for scripts and service managers. Shown by --help.
namespace RaftLocks.Node.Settings;

/// <summary>Exit codes of the node.</summary>
internal static class ExitCodes
{
    /// <summary>It was asked to end.</summary>
    public const int Ended = 0;

    /// <summary>It could not start: a port or the data folder can't be used.</summary>
    public const int CouldNotStart = 1;

    /// <summary>Its settings are wrong.</summary>
    public const int WrongSettings = 2;

    /// <summary>The disk of its data folder is full, read-only or failing. Starting it again helps once the disk is well.</summary>
    public const int DiskFailed = 74;

    /// <summary>It can't vouch for its data, or can't go on applying the log. Starting it again won't help.</summary>
    public const int Halted = 70;
}
