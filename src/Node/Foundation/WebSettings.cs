// The settings of the client port that have to do with strangers: TLS, web pages, who is local. They are a part of the
// table of settings (Setting.cs).
namespace RaftLocks.Node.Foundation;

/// <summary>Settings of the client port.</summary>
internal static class WebSettings
{
    public static readonly Setting TlsCert = new(
        "TlsCert",
        "--tls-cert",
        "FILE",
        "The certificate of the client port, PEM, followed by those between it and its authority; needed by a --listen "
            + "with https. [none]"
    );

    public static readonly Setting TlsKey = new(
        "TlsKey",
        "--tls-key",
        "FILE",
        "Its private key, PEM, without a password. [none]"
    );

    public static readonly Setting TlsClientCa = new(
        "TlsClientCa",
        "--tls-client-ca",
        "FILE",
        "Authorities of clients, PEM; whoever connects by https must then show a certificate of one of them. [nobody "
            + "must]"
    );

    public static readonly Setting TlsCa = new(
        "TlsCa",
        "--tls-ca",
        "FILE",
        "Authorities of the other nodes' certificates, PEM, where this node asks them by https. [the system's]"
    );

    public static readonly Setting AllowHost = new(
        "AllowHost",
        "--allow-host",
        "NAME",
        "A name under which the node may be asked, besides addresses and the members' names; repeat for several, * for "
            + "any. [none]",
        Repeats: true
    );

    public static readonly Setting AllowOrigin = new(
        "AllowOrigin",
        "--allow-origin",
        "ORIGIN",
        "An origin whose web pages may use the node, as in https://app.example.com; repeat for several, * for any. "
            + "[the node's own pages only]",
        Repeats: true
    );

    public static readonly Setting AdminLocal = new(
        "AdminLocal",
        "--admin-local",
        "on|off",
        "Whether the node's own machine may administer where there is no admin token; off where strangers are "
            + "forwarded there. [on]"
    );

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        AdminLocal,
        TlsCert,
        TlsKey,
        TlsClientCa,
        TlsCa,
        AllowHost,
        AllowOrigin,
    ];
}
