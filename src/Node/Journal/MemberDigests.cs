// The digests that another member publishes, as its view of the cluster tells them.
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Journal;

internal static class MemberDigests
{
    /// <summary>
    /// To be raised when the digest, or the ledger's head, of one and the same state becomes another one: such builds
    /// can't be compared.
    /// </summary>
    public const int Version = 1;

    /// <summary>Reads the digests; none where there is no view, or one of a build that can't be compared.</summary>
    /// <exception cref="InvalidDataException">They are no digests.</exception>
    public static IReadOnlyList<DigestPoint> Of(ClusterResponse? view) =>
        view is null || view.DigestVersion is not (null or Version)
            ? []
            : [.. (view.Digests ?? []).Concat(view.RecentDigests ?? []).Select(digest => Read(view.Name, digest))];

    private static DigestPoint Read(string member, DigestInfo told) =>
        LedgerHash.TryParse(told.Ledger, out var head)
        && UInt128.TryParse(told.Digest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digest)
            ? new DigestPoint(told.Index, digest, head)
            : throw new InvalidDataException($"{member} answers what is no digest at index {told.Index}.");
}
