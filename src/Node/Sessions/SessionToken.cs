// From a client's token to the session's id. The token is a secret like a password; only this hash of it is kept,
// replicated and shown.
using System.Buffers.Binary;
using System.Security.Cryptography;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions;

internal static class SessionToken
{
    private const int HashBytes = 16;

    /// <summary>
    /// The first 128 bits of SHA-256 over a prefix, the namespace, a zero byte (which no token has), and the token. For
    /// a principal a zero byte and its name follow: nobody resumes the session of another principal.
    /// </summary>
    public static SessionId ToId(
        ReadOnlySpan<byte> @namespace,
        ReadOnlySpan<byte> token,
        ReadOnlySpan<byte> principal = default
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("RaftLocks session 1\0"u8);
        hash.AppendData(@namespace);
        hash.AppendData("\0"u8);
        hash.AppendData(token);
        if (!principal.IsEmpty)
        {
            hash.AppendData("\0"u8);
            hash.AppendData(principal);
        }

        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(whole);
        return new SessionId(BinaryPrimitives.ReadUInt128BigEndian(whole[..HashBytes]), Resumable: true);
    }
}
