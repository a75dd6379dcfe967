// The settings of the client port: which of them belong together.
namespace RaftLocks.Node.Foundation;

internal sealed partial class SettingsCheck
{
    private CertificatePaths Certificates(IReadOnlyList<string> listen)
    {
        var paths = new CertificatePaths
        {
            Certificate = FilePath(WebSettings.TlsCert),
            Key = FilePath(WebSettings.TlsKey),
            ClientAuthorities = FilePath(WebSettings.TlsClientCa),
            Authorities = FilePath(WebSettings.TlsCa),
        };
        if (paths.Certificate is null != paths.Key is null)
        {
            sources.Errors.Add("--tls-cert and --tls-key belong together: give both.");
        }

        if (paths.ClientAuthorities is not null && paths.Certificate is null)
        {
            sources.Errors.Add(
                "--tls-client-ca: whoever connects without TLS shows no certificate. Give --tls-cert and --tls-key too."
            );
        }

        var secure = listen.FirstOrDefault(url =>
            url.StartsWith(Uri.UriSchemeHttps + ":", StringComparison.OrdinalIgnoreCase)
        );
        if (paths.Certificate is not null && secure is null)
        {
            sources.Errors.Add(
                $"--tls-cert: no address is listened to by https. Give one, such as --listen https://*:9009, beside or "
                    + $"instead of {listen[0]}."
            );
        }

        if (secure is not null && paths.Certificate is null && !sources.ConfiguresKestrel)
        {
            sources.Errors.Add(
                $"{secure}: https needs a certificate. Give --tls-cert and --tls-key, or listen by http behind a proxy "
                    + "that speaks https (--listen http://127.0.0.1:9009)."
            );
        }

        return paths;
    }

    private List<string> Hosts() =>
        Each(
            WebSettings.AllowHost,
            name => Uri.CheckHostName(name) == UriHostNameType.Unknown ? null : name,
            "give a host name without a port, such as locks.example.com, or *"
        );

    private List<string> Origins() =>
        Each(
            WebSettings.AllowOrigin,
            text =>
                Uri.TryCreate(text, UriKind.Absolute, out var origin)
                && origin is { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" }
                    ? origin.GetLeftPart(UriPartial.Authority)
                    : null,
            "give an origin such as https://app.example.com, or *"
        );

    private List<string> Each(Setting setting, Func<string, string?> read, string advice)
    {
        var good = new List<string>();
        foreach (var text in sources[setting]?.Values ?? [])
        {
            if ((text == "*" ? text : read(text)) is { } value)
            {
                good.Add(value);
            }
            else
            {
                sources.Errors.Add($"{sources[setting]!.Origin} '{text}': {advice}.");
            }
        }

        return good;
    }

    private string? FilePath(Setting setting) => Text(setting) is { } path ? Path.GetFullPath(path) : null;
}
