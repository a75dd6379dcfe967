// With which codes the server closes a connection, and what a client does about each (docs/protocol.md).
namespace RaftLocks.Client.Wire;

internal static class CloseCodes
{
    public const int InvalidPayload = 1007;
    public const int TooLarge = 1009;
    public const int TryAgainLater = 1013;
    public const int BadInput = 3000;
    public const int Replaced = 3001;
    public const int Forbidden = 3003;

    /// <summary>
    /// Whether something that was sent was an error: sending it again would end the next connection too.
    /// </summary>
    public static bool IsClientError(int? code) => code is InvalidPayload or TooLarge or BadInput or Forbidden;
}
