// Who looks at one open page, and what that viewer may do. While the page is open the node is asked again and again
// whether the viewer's token still counts, and what it allows. When it does not count any more, all pages of the login
// end.
using System.Net;
using Microsoft.AspNetCore.Components.Authorization;
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

/// <summary>The viewer of one open page.</summary>
internal sealed class Viewer(
    DashboardOptions options,
    NodeApi api,
    Logins logins,
    AuthenticationStateProvider connection
)
{
    private const string TokenEnded = "The token was deleted, has expired, or has another secret now.";
    private const string NotLocal =
        "Only who sits on the node's own machine may revoke. Start the nodes with --admin-token to revoke from here.";
    private const string NowAsks = "The cluster has begun to ask who looks.";

    private IReadOnlyList<PolicyRuleInfo> rules = [];

    /// <summary>Whoever has logged in; null where nobody has to.</summary>
    public Login? Login { get; private set; }

    /// <summary>Whether on the node's own machine.</summary>
    public bool IsLocal { get; private set; }

    /// <summary>Why nothing is shown any more; null while all is well.</summary>
    public string? WhyEnded { get; private set; }

    /// <summary>Finds out who it is.</summary>
    /// <param name="isLocal">Whether on the node's own machine.</param>
    /// <param name="token">Cancelled when the page is left.</param>
    public async Task BeginAsync(bool isLocal, CancellationToken token)
    {
        IsLocal = isLocal;
        Login = logins.Of((await connection.GetAuthenticationStateAsync()).User);
        await LookAsync(token);
    }

    /// <summary>Asks whether the viewer may still look; returns whether something has changed.</summary>
    public async Task<bool> LookAsync(CancellationToken token)
    {
        if (!options.AsksForLogin())
        {
            return false;
        }

        if (Login is null)
        {
            return End(NowAsks);
        }

        if (logins.Of(Login.User) is null)
        {
            return End(await Login.Ended);
        }

        var (principal, _, status) = await api.PrincipalAsync(Login.Secret, Login.Address, token);
        if (status == HttpStatusCode.Unauthorized)
        {
            logins.End(Login, TokenEnded);
            return End(await Login.Ended);
        }

        var changed = principal is not null && !Rules.AreEqual(rules, principal.Rules);
        rules = principal?.Rules ?? rules;
        return changed;
    }

    /// <summary>A question, asked in the viewer's name.</summary>
    public ApiRequest<T> Ask<T>(ApiRequest<T> request)
        where T : class =>
        Login is null || Login.Ended.IsCompleted
            ? request
            : request with
            {
                Token = Login.Secret,
                ForwardedFor = Login.Address,
            };

    /// <summary>Why the viewer may not end a request; null if that is allowed. The leader decides.</summary>
    public string? WhyNotRevoke(string ns, RequestInfo one) =>
        Login is { } login ? WhyNotRevoke(login.Name, ns, one)
        : options.NeedsToken || IsLocal ? null
        : NotLocal;

    private string? WhyNotRevoke(string name, string ns, RequestInfo one) =>
        Rules.Allow(rules, "revoke", ns, one.Resources) ? null : $"No policy of '{name}' allows to revoke this.";

    private bool End(string why)
    {
        var isNew = WhyEnded is null;
        WhyEnded ??= why;
        return isNew;
    }
}
