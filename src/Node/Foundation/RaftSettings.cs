// The settings that keep strangers from the Raft port. They are a part of the table of settings (Setting.cs).
namespace RaftLocks.Node.Foundation;

/// <summary>Settings of the Raft port.</summary>
internal static class RaftSettings
{
    public static readonly Setting TlsCert = new(
        "RaftTlsCert",
        "--raft-tls-cert",
        "FILE",
        "The certificate that this node shows other members, PEM; one of its DNS names is the member's name. [none]"
    );

    public static readonly Setting TlsKey = new(
        "RaftTlsKey",
        "--raft-tls-key",
        "FILE",
        "Its private key, PEM, without a password. [none]"
    );

    public static readonly Setting TlsCa = new(
        "RaftTlsCa",
        "--raft-tls-ca",
        "FILE",
        "The authorities of the members' certificates, PEM; they sign for nobody else by these names. [none]"
    );

    public static readonly Setting Insecure = new(
        "Insecure",
        "--insecure",
        ValueName: null,
        "Speak Raft without TLS beyond this machine: whoever reaches the Raft port can pass for a member."
    );

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All = [TlsCert, TlsKey, TlsCa, Insecure];
}
