// How a command ends, for scripts. "run" passes its command's own code on, so its own codes lie where programs rarely
// have theirs.
namespace RaftLocks.Cli;

internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The cluster said no, or something is not as it should be.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int WrongUsage = 2;

    /// <summary>The lock was not acquired in time.</summary>
    public const int NotAcquired = 120;

    /// <summary>The lock was lost while it was held; "run" has ended its command.</summary>
    public const int Lost = 121;

    /// <summary>No node answers.</summary>
    public const int Unreachable = 122;

    /// <summary>An operator revoked the lock; "run" has ended its command.</summary>
    public const int Revoked = 123;

    /// <summary>The command could not be started.</summary>
    public const int CouldNotStart = 127;

    /// <summary>Ended by a signal (Ctrl-C) before there was a command.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of the output has ended.</summary>
    public const int ReaderGone = 141;

    public const string Text = """
        Exit codes: 0 done; 1 refused, or not as it should be; 2 wrong usage; 120 not acquired in time; 121 the lock was lost;
          122 no node answers; 123 the lock was revoked; 127 the command could not be started; 130 interrupted. "run" and "elect"
          else end with their command's code.
        """;
}
