// How the subcommands speak with a running cluster: any node is asked, the leader answers, and one that is just being elected is waited for.
using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;

namespace RaftLocks.Node.Http;

internal static class AdminClient
{
    // A leader that removes itself hands over first and asks to be asked again; so does one that is just being elected.
    private const int Attempts = 10;
    private const int MaxRedirects = 3;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromMinutes(2);

    public static Option<string> Node { get; } = new("--node") { Description = "any node's address", DefaultValueFactory = _ => "http://127.0.0.1:9009" };

    public static Option<string?> Token { get; } = new("--token") { Description = "the admin token [RAFTLOCKS_ADMIN_TOKEN]", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("RAFTLOCKS_ADMIN_TOKEN") };

    /// <summary>Asks, and hands on a good answer as soon as its head is there. Anything else is told on the error stream.</summary>
    /// <returns>The exit code: what the handler says, or 1.</returns>
    public static async Task<int> AskAsync(
        ParseResult parsed, Func<HttpRequestMessage> request, Func<HttpResponseMessage, CancellationToken, Task<int>> handle, CancellationToken token)
    {
        if (!Uri.TryCreate(parsed.GetValue(Node), UriKind.Absolute, out var node))
        {
            await Console.Error.WriteLineAsync($"--node '{parsed.GetValue(Node)}' is no address, such as http://127.0.0.1:9009.");
            return 1;
        }

        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = AnswerBound };
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                using var answer = await FollowAsync(client, node, request, parsed.GetValue(Token), token);
                if (answer.IsSuccessStatusCode)
                {
                    return await handle(answer, token);
                }

                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == Attempts)
                {
                    await Console.Error.WriteLineAsync((await answer.Content.ReadAsStringAsync(token)).Trim());
                    return 1;
                }

                await Task.Delay(BetweenAttempts, token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{node} does not answer: {e.Message}");
            return 1;
        }
    }

    private static async Task<HttpResponseMessage> FollowAsync(HttpClient client, Uri node, Func<HttpRequestMessage> request, string? adminToken, CancellationToken token)
    {
        var at = node;
        for (var redirects = 0; ; redirects++)
        {
            using var message = request();
            message.RequestUri = new Uri(at, message.RequestUri!);
            if (adminToken is not null)
            {
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", adminToken);
            }

            var answer = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token);
            if (answer.StatusCode != HttpStatusCode.TemporaryRedirect || answer.Headers.Location is not { } location || redirects == MaxRedirects)
            {
                return answer;
            }

            at = new Uri(new Uri(at, location).GetLeftPart(UriPartial.Authority));
            answer.Dispose();
        }
    }
}
