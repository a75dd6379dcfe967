// An error in how a command was called that only shows when it runs: in the environment, in the configuration file, or
// by a node's answer.
namespace RaftLocks.Cli.Shared;

/// <summary>The command line, the environment or the configuration makes no sense.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>Makes one of the client library's argument check, without its own names for things.</summary>
    public static UsageException Of(ArgumentException error)
    {
        var end = error.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return new UsageException(end < 0 ? error.Message : error.Message[..end]);
    }
}
