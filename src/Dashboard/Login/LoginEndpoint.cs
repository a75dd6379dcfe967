// POST /dashboard/login and /dashboard/logout. Both come from a script of the dashboard's own, with an antiforgery
// token in a header: no page of another site can make a browser send that. The token that somebody logs in with is the
// body.
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace RaftLocks.Dashboard;

/// <summary>Begins and ends logins.</summary>
internal sealed class LoginEndpoint(
    DashboardOptions options,
    Logins logins,
    LoginRate rate,
    NodeApi api,
    IAntiforgery antiforgery
)
{
    private const string WrongToken = "This token is not known here, or has expired.";

    /// <summary>POST /dashboard/login: the body is a token's secret.</summary>
    public async Task LogInAsync(HttpContext context)
    {
        if (!options.AsksForLogin())
        {
            await TellAsync(context, StatusCodes.Status409Conflict, "Nobody has to log in here: load the page anew.");
        }
        else if (!rate.TryAttempt(context.Connection.RemoteIpAddress))
        {
            var seconds = (int)Limits.LoginEvery.TotalSeconds;
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await RefuseAsync(
                context,
                StatusCodes.Status429TooManyRequests,
                $"Too many attempts from this address: try again in {seconds} seconds."
            );
        }
        else if (await IsForgedAsync(context))
        {
            await RefuseForgedAsync(context);
        }
        else if (await ReadSecretAsync(context) is not { } secret)
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, WrongToken);
        }
        else
        {
            await LogInAsync(context, secret);
        }
    }

    /// <summary>POST /dashboard/logout.</summary>
    public async Task LogOutAsync(HttpContext context)
    {
        if (await IsForgedAsync(context))
        {
            await RefuseForgedAsync(context);
            return;
        }

        if (context.Features.Get<Login>() is { } login)
        {
            logins.End(login, "You have logged out.");
            options.LoginChanged(context, login.Name, "log out of");
        }

        context.Response.Cookies.Delete(LoginGate.CookieName(options), Cookie(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task LogInAsync(HttpContext context, string secret)
    {
        var address = context.Connection.RemoteIpAddress?.ToString();
        var (principal, problem, status) = await api.PrincipalAsync(secret, address, context.RequestAborted);
        if (principal is not null)
        {
            logins.Begin(principal.Name, secret, address, out var number);
            context.Response.Cookies.Append(LoginGate.CookieName(options), number, Cookie(context));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            options.LoginChanged(context, principal.Name, "log in to");
        }
        else if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            await RefuseAsync(context, (int)status, problem!);
        }
        else
        {
            await TellAsync(context, StatusCodes.Status503ServiceUnavailable, problem!);
        }
    }

    private async Task<bool> IsForgedAsync(HttpContext context) => !await antiforgery.IsRequestValidAsync(context);

    private Task RefuseForgedAsync(HttpContext context) =>
        RefuseAsync(
            context,
            StatusCodes.Status400BadRequest,
            "This page is too old, or its cookies are blocked: load it anew."
        );

    private Task RefuseAsync(HttpContext context, int status, string why)
    {
        options.LoginRefused(context, why);
        return TellAsync(context, status, why);
    }

    private static Task TellAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
    }

    // Null for what can't be a token.
    private static async Task<string?> ReadSecretAsync(HttpContext context)
    {
        var bytes = new byte[Limits.MaxSecretChars + 1];
        var read = await context.Request.Body.ReadAtLeastAsync(
            bytes,
            bytes.Length,
            throwOnEndOfStream: false,
            context.RequestAborted
        );
        var said = Encoding.Latin1.GetString(bytes, 0, read).Trim();
        return read is > 0 and <= Limits.MaxSecretChars && said.Length > 0 && said.All(one => one is > ' ' and <= '~')
            ? said
            : null;
    }

    // It has no age of its own, so it ends with the browser; the login ends by itself.
    private static CookieOptions Cookie(HttpContext context) =>
        new()
        {
            Path = DashboardHost.Path,
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps || IsHttpsBefore(context.Request),
            IsEssential = true,
        };

    // A proxy may speak https for the node; then the browser says so.
    private static bool IsHttpsBefore(HttpRequest request) =>
        request.Headers.Origin.ToString().StartsWith(Uri.UriSchemeHttps + ":", StringComparison.OrdinalIgnoreCase);
}
