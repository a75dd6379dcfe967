// What the cluster says when a lock would be one too many: in a message, or, an older node, as the reason of a close.
namespace RaftLocks.Client.Wire;

internal static class ServerLimits
{
    /// <summary>The reason of a lock's refusal.</summary>
    public const string Refused = "limit";

    /// <summary>The exception for a refusal by message.</summary>
    public static LockRefusedException Refusal(ServerMessage message) =>
        Make(
            message.Text ?? $"the limit \"{message.Limit}\" is reached",
            message.Limit switch
            {
                "channels" => RefusalReason.TooManyChannels,
                "waiting" => RefusalReason.TooManyWaiting,
                "live" => RefusalReason.TooManyLive,
                "memory" => RefusalReason.TooMuchMemory,
                "request-memory" => RefusalReason.RequestTooLarge,
                "namespaces" => RefusalReason.TooManyNamespaces,
                "feature-level" => RefusalReason.NotSupportedYet,
                "rights" => RefusalReason.NoRight,
                "rate" => RefusalReason.TooFast,
                _ => RefusalReason.Unknown,
            }
        );

    /// <summary>The exception for a refusal by a close; its sentence names the setting.</summary>
    public static LockRefusedException Refusal(string closeReason) =>
        Make(
            closeReason,
            closeReason.Contains("--max-channels", StringComparison.Ordinal) ? RefusalReason.TooManyChannels
                : closeReason.Contains("--max-waiting", StringComparison.Ordinal) ? RefusalReason.TooManyWaiting
                : closeReason.Contains("--max-request-kb", StringComparison.Ordinal) ? RefusalReason.RequestTooLarge
                : closeReason.Contains("too much memory", StringComparison.Ordinal) ? RefusalReason.TooMuchMemory
                : closeReason.Contains("--max-live", StringComparison.Ordinal) ? RefusalReason.TooManyLive
                : closeReason.Contains("--max-namespaces", StringComparison.Ordinal) ? RefusalReason.TooManyNamespaces
                : closeReason.Contains("locks-per-second", StringComparison.Ordinal) ? RefusalReason.TooFast
                : closeReason.Contains("new enough", StringComparison.Ordinal) ? RefusalReason.NotSupportedYet
                : RefusalReason.Unknown
        );

    private static LockRefusedException Make(string text, RefusalReason reason) =>
        new($"The cluster refuses this lock: {text}", reason);
}
