// The settings of a client, each with its bounds.
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Client;

/// <summary>Settings of a <see cref="RaftLocksClient"/>.</summary>
public sealed class RaftLocksOptions
{
    /// <summary>Below this a busy machine loses locks by chance.</summary>
    public static readonly TimeSpan ShortestAbandonTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The longest time that the server allows.</summary>
    public static readonly TimeSpan LongestAbandonTimeout = TimeSpan.FromDays(7);

    /// <summary>The longest time that a call can wait for something: what timers take, some 24 days.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromMilliseconds(int.MaxValue);

    private const int MaxNamespaceBytes = 256;
    private const int MaxTokenChars = 8 * 1024;
    internal const int MostLocks = 1024;

    /// <summary>
    /// The cluster's nodes, as in http://10.0.0.1:9009. One is enough to be sent on to the leader; all of them survive
    /// the loss of that one.
    /// </summary>
    public IList<Uri> Nodes { get; set; } = [];

    /// <summary>The separate space of locks that this client uses.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>
    /// How long the cluster keeps this client's locks when it does not hear from it. From 1 s to 7 days.
    /// </summary>
    public TimeSpan AbandonTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How much earlier than the cluster this client gives up a lock; null for a tenth of the abandon timeout, at most
    /// 5 s.
    /// </summary>
    public TimeSpan? SafetyMargin { get; set; }

    /// <summary>How long a call waits for the first answer of any node before it fails; infinite for ever.</summary>
    public TimeSpan ReachTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long disposing of a lock waits for the cluster's answer before it goes on in the background.
    /// </summary>
    public TimeSpan ReleaseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The secret that says who this client is, where the cluster asks for one; null for none. It is sent to
    /// <see cref="Nodes"/> and to no other address.
    /// </summary>
    public string? Token { get; set; }

    /// <summary>The name of this client, for people who look at its locks.</summary>
    public string? Label { get; set; }

    /// <summary>
    /// Locks that are held and awaited at the same time. The server's own bound is its --max-channels.
    /// </summary>
    public int MaxLocks { get; set; } = MostLocks;

    /// <summary>Whether the cluster reports positions in the queue (see <see cref="LockOptions.Progress"/>).</summary>
    public bool ReportProgress { get; set; }

    /// <summary>
    /// The authorities of the nodes' certificates, where they are asked by https; null for the system's.
    /// </summary>
    public X509Certificate2Collection? CertificateAuthorities { get; set; }

    /// <summary>
    /// What this client shows to nodes that want a certificate: one with its private key, and those between it and its
    /// authority. Null for none.
    /// </summary>
    public X509Certificate2Collection? ClientCertificates { get; set; }

    /// <summary>Says what is wrong with these settings.</summary>
    /// <returns>One sentence for each error; empty if there is none.</returns>
    public IReadOnlyList<string> Validate()
    {
        var wrong = new List<string>();
        if (Nodes is null or { Count: 0 })
        {
            wrong.Add("Nodes: give at least one node's address, such as http://127.0.0.1:9009.");
        }

        foreach (var node in Nodes ?? [])
        {
            if (node is not { IsAbsoluteUri: true, Scheme: "http" or "https" or "ws" or "wss" })
            {
                wrong.Add($"Nodes: '{node}' is no address such as http://127.0.0.1:9009.");
            }
        }

        Check(
            wrong,
            LockResource.BytesOf(Namespace) is >= 1 and <= MaxNamespaceBytes,
            $"Namespace: 1 to {MaxNamespaceBytes} bytes of UTF-8."
        );
        Check(
            wrong,
            AbandonTimeout >= ShortestAbandonTimeout && AbandonTimeout <= LongestAbandonTimeout,
            $"AbandonTimeout: {AbandonTimeout} is not between 1 s and 7 days. A shorter one would lose locks "
                + "whenever a machine is busy."
        );
        Check(
            wrong,
            SafetyMargin is not { } margin || (margin >= TimeSpan.Zero && margin <= AbandonTimeout / 2),
            "SafetyMargin: from zero to half of the abandon timeout."
        );
        Check(
            wrong,
            (ReachTimeout > TimeSpan.Zero && ReachTimeout <= LongestTimeout)
                || ReachTimeout == Timeout.InfiniteTimeSpan,
            $"ReachTimeout: more than zero and at most {LongestTimeout}, or infinite."
        );
        Check(
            wrong,
            ReleaseTimeout >= TimeSpan.Zero && ReleaseTimeout <= LongestTimeout,
            $"ReleaseTimeout: from zero to {LongestTimeout}."
        );
        Check(
            wrong,
            Label is null || LockResource.BytesOf(Label) is >= 0 and <= LockOptions.MaxLabelBytes,
            $"Label: at most {LockOptions.MaxLabelBytes} bytes of UTF-8."
        );
        Check(
            wrong,
            Token is null
                || (Token.Length is > 0 and <= MaxTokenChars && Token.All(letter => letter is > ' ' and < '\x7f')),
            $"Token: 1 to {MaxTokenChars} visible ASCII characters."
        );
        Check(
            wrong,
            CertificateAuthorities is not { Count: 0 },
            "CertificateAuthorities: there is none in it. Give one, or null for the system's."
        );
        Check(
            wrong,
            ClientCertificates?.Any(one => one.HasPrivateKey) != false,
            "ClientCertificates: none of them has its private key."
        );
        Check(wrong, MaxLocks is >= 1 and <= MostLocks, $"MaxLocks: 1 to {MostLocks}; for more, use several clients.");
        return wrong;
    }

    /// <summary>The settings as they are now: a client does not see later changes.</summary>
    internal RaftLocksOptions Copy()
    {
        var copy = (RaftLocksOptions)MemberwiseClone();
        copy.Nodes = [.. Nodes];
        return copy;
    }

    internal TimeSpan Margin =>
        SafetyMargin ?? TimeSpan.FromTicks(Math.Min(AbandonTimeout.Ticks / 10, TimeSpan.FromSeconds(5).Ticks));

    private static void Check(List<string> wrong, bool isRight, string sentence)
    {
        if (!isRight)
        {
            wrong.Add(sentence);
        }
    }
}
