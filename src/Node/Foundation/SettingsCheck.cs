// Turns words into checked settings. All errors are gathered, so that nobody has to start a node five times to mend
// five of them.
using System.Globalization;
using System.Net;

namespace RaftLocks.Node.Foundation;

/// <summary>Checks what was said and fills in the defaults.</summary>
internal sealed partial class SettingsCheck(SettingSources sources)
{
    private const string DefaultName = "n1";
    private const string DefaultListen = "http://127.0.0.1:9009";
    private const string DefaultData = "raftlocks-data";

    // Nobody else speaks Raft with a cluster of one: any free port does, and several such nodes on one machine do not
    // collide.
    private const int AnyRaftPort = 0;

    /// <summary>The settings, or null if there are errors: see <see cref="SettingSources.Errors"/>.</summary>
    public NodeSettings? Check()
    {
        var join = Switch(Setting.Join);
        var members = MemberList.Read(sources, join);
        var name = NameOf(members);
        var listen = Listen(members?.FirstOrDefault(member => member.Name == name));
        var data = Path.GetFullPath(Text(Setting.Data) ?? DefaultData);
        var settings = new NodeSettings
        {
            Name = name,
            ListenUrls = listen,
            DataDirectory = data,
            Members = members ?? [],
            RaftListen = RaftListen(),
            Join = join,
            AdminToken = Token(),
            RequiresAuth = RequiresAuth(),
            AllowQueryToken = Switch(Setting.AllowQueryToken),
            RevokeWithoutRight = Switch(Setting.RevokeWithoutRight),
            Jwt = Jwt(),
            AdminLocal = OnOrOff(WebSettings.AdminLocal),
            AllowHosts = Hosts(),
            AllowOrigins = Origins(),
            Certificates = Certificates(listen),
            RaftCertificates = RaftCertificates(),
            Insecure = Switch(RaftSettings.Insecure),
            FollowerMode = Mode(),
            DefaultAbandonTimeoutMs = Number(
                Setting.DefaultAbandonTimeoutMs,
                Limits.DefaultAbandonTimeoutMs,
                0,
                Limits.MaxAbandonTimeoutMs
            ),
            PingIntervalMs = Number(
                Setting.PingIntervalMs,
                Limits.DefaultPingIntervalMs,
                Limits.MinPingMs,
                Limits.MaxPingMs
            ),
            PingTimeoutMs = Number(
                Setting.PingTimeoutMs,
                Limits.DefaultPingTimeoutMs,
                Limits.MinPingMs,
                Limits.MaxPingMs
            ),
            RequirePong = Switch(Setting.RequirePong),
            AllowEmptyPath = Switch(Setting.AllowEmptyPath),
            MaxConnections = Number(Setting.MaxConnections, Limits.DefaultMaxConnections, 1, int.MaxValue),
            WantsMaxConnections = sources[Setting.MaxConnections] is not null,
            MaxNamespaces = Number(Setting.MaxNamespaces, Limits.DefaultMaxNamespaces, 1, int.MaxValue),
            MaxLiveRequests = Number(Setting.MaxLiveRequests, Limits.DefaultMaxLiveRequests, 1, int.MaxValue),
            MaxWaitingPerNamespace = Number(
                Setting.MaxWaitingPerNamespace,
                Limits.DefaultMaxWaitingPerNamespace,
                1,
                int.MaxValue
            ),
            MaxLocksPerSecond = Number(RateSettings.MaxLocksPerSecond, 0, 0, int.MaxValue),
            MaxConnectionLocksPerSecond = Number(RateSettings.MaxConnectionLocksPerSecond, 0, 0, int.MaxValue),
            MaxRequestKb = Number(
                BudgetSettings.MaxRequestKb,
                Limits.DefaultMaxRequestKb,
                Limits.MinMaxRequestKb,
                int.MaxValue
            ),
            MaxSessionMb = Number(BudgetSettings.MaxSessionMb, Limits.DefaultMaxSessionMb, 1, int.MaxValue),
            MaxNamespaceMb = Number(BudgetSettings.MaxNamespaceMb, Limits.DefaultMaxNamespaceMb, 1, int.MaxValue),
            MaxPrincipalMb = Number(BudgetSettings.MaxPrincipalMb, Limits.DefaultMaxPrincipalMb, 1, int.MaxValue),
            MaxLiveMb = Number(BudgetSettings.MaxLiveMb, Limits.DefaultMaxLiveMb, 1, int.MaxValue),
            MaxChannels = Number(Setting.MaxChannels, Limits.DefaultMaxChannels, 1, 1 << 20),
            MaxMessageBytes = Number(Setting.MaxMessageBytes, Limits.DefaultMaxMessageBytes, 256, 1 << 20),
            Journal = Journal(name, data),
            Otlp = Address(Setting.Otlp),
            Dashboard = OnOrOff(Setting.Dashboard),
            LogsJson = IsJson(),
            Snapshots = Snapshots(data),
        };
        RequireGuard(settings);
        if (sources.Errors.Count > 0)
        {
            return null;
        }

        return members is { Count: > 0 } || join
            ? settings
            : settings with
            {
                Members = [ClusterOfOne(name, listen[0])],
            };
    }

    // Clients of a single node are never sent anywhere else, so its own address is only shown, and may be a wildcard's
    // stand-in.
    private static Member ClusterOfOne(string name, string listen)
    {
        var address = BindingAddress.Parse(listen);
        var host = IsWildcard(address.Host) ? "127.0.0.1" : address.Host;
        var url = new Uri($"{address.Scheme}://{host}:{address.Port}");
        return new Member(name, "127.0.0.1", AnyRaftPort, url, url);
    }

    private static bool IsWildcard(string host) => host is "*" or "+" or "0.0.0.0" or "[::]";

    private string NameOf(IReadOnlyList<Member>? members)
    {
        var name = Text(Setting.Name);
        if (name is not null && !MemberList.IsName(name))
        {
            sources.Errors.Add(
                $"{sources[Setting.Name]!.Origin} '{name}': a name has 1 to 64 letters, digits, '-', '_' or '.'."
            );
            return name;
        }

        if (members is not { Count: > 0 } || members.Any(member => member.Name == (name ?? DefaultName)))
        {
            return name ?? DefaultName;
        }

        var known = string.Join(", ", members.Select(member => member.Name));
        sources.Errors.Add(
            name is null
                ? $"--name: say which of the members this node is: {known}."
                : $"{sources[Setting.Name]!.Origin} '{name}': not among the members ({known}). Name one of them, "
                    + $"or add --member {name},RAFTHOST:PORT,CLIENTURL."
        );
        return name ?? DefaultName;
    }

    private IReadOnlyList<string> Listen(Member? self)
    {
        if (sources[Setting.Listen] is not { Values.Count: > 0 } said)
        {
            return [self?.ClientUrl.GetLeftPart(UriPartial.Authority) ?? DefaultListen];
        }

        foreach (var url in said.Values)
        {
            if (!IsListenUrl(url))
            {
                sources.Errors.Add(
                    $"{said.Origin} '{url}': not an address to listen on. Give one such as http://127.0.0.1:9009, "
                        + "or http://*:9009 for all networks."
                );
            }
        }

        return said.Values;
    }

    private static bool IsListenUrl(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address is { IsUnixPipe: false, PathBase: "", Host.Length: > 0, Port: >= 0 and <= 65_535 }
                && address.Scheme is "http" or "https"
                && (
                    IsWildcard(address.Host)
                    || Uri.CheckHostName(address.Host.Trim('[', ']')) != UriHostNameType.Unknown
                );
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private IPEndPoint? RaftListen()
    {
        var text = Text(Setting.RaftListen);
        if (text is null || (IPEndPoint.TryParse(text, out var address) && address.Port > 0))
        {
            return text is null ? null : IPEndPoint.Parse(text);
        }

        sources.Errors.Add(
            $"{sources[Setting.RaftListen]!.Origin} '{text}': give an IP address of this machine and a port, such "
                + "as 0.0.0.0:7009."
        );
        return null;
    }

    private string? Token()
    {
        var token = Text(Setting.AdminToken);
        if (token?.Length < Limits.MinAdminTokenLength)
        {
            sources.Errors.Add(
                $"{sources[Setting.AdminToken]!.Origin}: give at least {Limits.MinAdminTokenLength} characters, "
                    + "random ones."
            );
        }

        return token;
    }

    private bool RequiresAuth()
    {
        var text = Text(Setting.Auth);
        if (text is not (null or "auto" or "required"))
        {
            sources.Errors.Add($"{sources[Setting.Auth]!.Origin} '{text}': say auto or required.");
        }

        return text == "required";
    }

    private FollowerMode Mode()
    {
        var text = Text(Setting.FollowerMode);
        if (text is null || text.Equals("redirect", StringComparison.OrdinalIgnoreCase))
        {
            return FollowerMode.Redirect;
        }

        if (!text.Equals("proxy", StringComparison.OrdinalIgnoreCase))
        {
            sources.Errors.Add($"{sources[Setting.FollowerMode]!.Origin} '{text}': say redirect or proxy.");
        }

        return FollowerMode.Proxy;
    }

    private Uri? Address(Setting setting)
    {
        var text = Text(setting);
        if (text is null || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            return text is null ? null : new Uri(text);
        }

        sources.Errors.Add($"{sources[setting]!.Origin} '{text}': give an address such as http://127.0.0.1:4318.");
        return null;
    }

    private JournalOptions? Journal(string name, string data)
    {
        var options = new JournalOptions
        {
            Directory = Path.Combine(data, RaftLocks.Journal.JournalFolder.Name),
            Node = name,
            MaxBytes =
                (long)Number(Setting.JournalMaxMb, Limits.DefaultJournalMaxMb, Limits.MinJournalMaxMb, int.MaxValue)
                << 20,
            MaxAge = TimeSpan.FromDays(Number(Setting.JournalMaxDays, Limits.DefaultJournalMaxDays, 1, 36_500)),
            KeepFreeBytes =
                (long)Number(Setting.JournalKeepFreeMb, Limits.DefaultJournalKeepFreeMb, 0, int.MaxValue) << 20,
        };
        return OnOrOff(Setting.Journal) ? options : null;
    }

    private bool OnOrOff(Setting setting)
    {
        var text = Text(setting);
        if (
            text is not null
            && !text.Equals("on", StringComparison.OrdinalIgnoreCase)
            && !text.Equals("off", StringComparison.OrdinalIgnoreCase)
        )
        {
            sources.Errors.Add($"{sources[setting]!.Origin} '{text}': say on or off.");
        }

        return text is null || text.Equals("on", StringComparison.OrdinalIgnoreCase);
    }

    private string? Text(Setting setting)
    {
        if (sources[setting] is not { } said)
        {
            return null;
        }

        if (said.Values.Count > 1)
        {
            sources.Errors.Add($"{said.Origin}: given {said.Values.Count} times. Give it once.");
        }

        if (said.Values.Count == 0 || said.Values[0].Length == 0)
        {
            sources.Errors.Add($"{said.Origin}: a value is missing ({setting.ValueName}).");
            return null;
        }

        return said.Values[0];
    }

    private int Number(Setting setting, int byDefault, int least, int greatest)
    {
        var text = Text(setting);
        if (text is null)
        {
            return byDefault;
        }

        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= greatest
        )
        {
            return number;
        }

        sources.Errors.Add($"{sources[setting]!.Origin} '{text}': give a whole number from {least} to {greatest}.");
        return byDefault;
    }

    private bool Switch(Setting setting)
    {
        if (sources[setting] is not { } said)
        {
            return false;
        }

        var text = said.Values.Count == 0 ? "true" : said.Values[0];
        if (!bool.TryParse(text, out var on))
        {
            sources.Errors.Add($"{said.Origin} '{text}': say true or false.");
        }

        return on;
    }
}
