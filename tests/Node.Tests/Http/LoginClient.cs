// A browser's part in a login at the dashboard, without a browser: it loads the page, keeps the cookies, and sends the
// token as the page's script does.
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

internal sealed partial class LoginClient(SingleNode node, TestAuthority? authority = null) : IDisposable
{
    private static readonly Uri Pages = new("/dashboard/", UriKind.Relative);

    private readonly HttpClient http = SingleNode.HttpBy(authority);

    /// <summary>The cookies by their names.</summary>
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>The last cookie of a login as it came, with its attributes.</summary>
    public string? LoginCookie { get; private set; }

    /// <summary>The cookies as a request has them.</summary>
    public string CookieHeader => string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));

    /// <summary>Loads a page as a browser does.</summary>
    public async Task<(HttpStatusCode Status, string Body)> LoadAsync(string page = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, Pages + page));
        request.Headers.Accept.ParseAdd("text/html");
        using var answer = await SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Loads the login page and sends a token.</summary>
    public async Task<HttpResponseMessage> LogInAsync(string secret, string? origin = null) =>
        await PostAsync("login", await AntiforgeryAsync(), secret, origin);

    /// <summary>Loads the page and logs out.</summary>
    public async Task<HttpResponseMessage> LogOutAsync() => await PostAsync("logout", await AntiforgeryAsync(), "");

    /// <summary>What the page has for its script.</summary>
    public async Task<string> AntiforgeryAsync()
    {
        var (_, page) = await LoadAsync();
        var found = Meta().Match(page);
        Assert.True(found.Success, page);
        return WebUtility.HtmlDecode(found.Groups["token"].Value);
    }

    public async Task<HttpResponseMessage> PostAsync(
        string route,
        string? antiforgery,
        string body,
        string? origin = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(node.Url, Pages + route))
        {
            Content = new StringContent(body, Encoding.UTF8, "text/plain"),
        };
        if (antiforgery is not null)
        {
            request.Headers.Add("RequestVerificationToken", antiforgery);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await SendAsync(request);
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0)
        {
            request.Headers.Add("Cookie", CookieHeader);
        }

        var answer = await http.SendAsync(request);
        foreach (var set in answer.Headers.TryGetValues("Set-Cookie", out var sets) ? sets : [])
        {
            var (name, value) = (set[..set.IndexOf('=')], set[(set.IndexOf('=') + 1)..].Split(';')[0]);
            LoginCookie = name.StartsWith("raftlocks-login", StringComparison.Ordinal) ? set : LoginCookie;
            Cookies[name] = value;
        }

        return answer;
    }

    [GeneratedRegex("<meta name=\"antiforgery\" content=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Meta();
}
