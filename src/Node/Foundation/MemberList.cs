// Reads the members of the cluster: NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL].
using System.Buffers;
using System.Globalization;

namespace RaftLocks.Node.Foundation;

internal static class MemberList
{
    private const string Form =
        "Write it as NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL], for example n1,10.0.0.1:7009,http://10.0.0.1:9009.";
    private const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
    );

    /// <summary>The members; null if none are given or one is wrong.</summary>
    public static IReadOnlyList<Member>? Read(SettingSources sources, bool join)
    {
        if (sources[Setting.Members] is not { Values.Count: > 0 } said)
        {
            if (join)
            {
                sources.Errors.Add("--join: name this node and a member of the cluster, each with --member.");
            }

            return null;
        }

        var members = new List<Member>();
        foreach (var text in said.Values)
        {
            if (Parse(text, out var member) is { } error)
            {
                sources.Errors.Add($"{said.Origin} '{text}': {error} {Form}");
            }
            else
            {
                members.Add(member!);
            }
        }

        if (members.Count < said.Values.Count)
        {
            return null;
        }

        Twice(members, member => member.Name, "name", said, sources);
        Twice(members, member => member.RaftAddress, "Raft address", said, sources);
        Twice(members, member => member.ClientUrl.AbsoluteUri, "client URL", said, sources);
        if (join && members.Count < 2)
        {
            sources.Errors.Add($"{said.Origin}: with --join name this node and at least one member of the cluster.");
        }
        else if (!join && members.Count is not (1 or 3 or Limits.MaxMembers))
        {
            sources.Errors.Add(
                $"{said.Origin}: a cluster has one member, three or five, not {members.Count}. Three survive the "
                    + "loss of any one, five of any two."
            );
        }

        return members;
    }

    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>Reads one member.</summary>
    /// <returns>Null, or what is wrong, as a sentence.</returns>
    public static string? Parse(string text, out Member? member)
    {
        member = null;
        var fields = text.Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length is not (3 or 4))
        {
            return "a member has three fields, or four.";
        }

        if (!IsName(fields[0]))
        {
            return $"'{fields[0]}' is no name: 1 to 64 letters, digits, '-', '_' or '.'.";
        }

        if (!TryHostAndPort(fields[1], out var host, out var port))
        {
            return $"'{fields[1]}' is no Raft address.";
        }

        var wrong = fields[2..].FirstOrDefault(url => !IsClientUrl(url));
        if (wrong is not null)
        {
            return $"'{wrong}' is no URL that clients can be sent to.";
        }

        member = new Member(fields[0], host, port, new Uri(fields[2]), new Uri(fields[^1]));
        return null;
    }

    private static bool TryHostAndPort(string text, out string host, out int port)
    {
        var colon = text.LastIndexOf(':');
        host = colon > 0 ? text[..colon].Trim('[', ']') : "";
        port = 0;
        return host.Length > 0
            && Uri.CheckHostName(host) != UriHostNameType.Unknown
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65_535;
    }

    private static bool IsClientUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && url is { Host.Length: > 0, AbsolutePath: "/", Query: "" };

    private static void Twice(
        List<Member> members,
        Func<Member, string> of,
        string what,
        SettingValue said,
        SettingSources sources
    )
    {
        foreach (var same in members.GroupBy(of, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            sources.Errors.Add(
                $"{said.Origin}: the {what} '{same.Key}' is given {same.Count()} times. Each member has its own."
            );
        }
    }
}
