// "raftlocks-node healthcheck [url]": asks a running node, for containers whose image has no curl.
using System.Net.Sockets;

namespace RaftLocks.Node.Http;

/// <summary>The subcommand that asks a running node whether it is well.</summary>
public static class HealthCheckCommand
{
    /// <summary>The first argument that calls it.</summary>
    public const string Name = "healthcheck";

    private const string DefaultUrl = "http://127.0.0.1:9009/health/ready";
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(3);

    /// <summary>
    /// GETs the url (after the command's name, else the default) and prints what came; 0 for a 2xx, else 1.
    /// </summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (!Uri.TryCreate(arguments.Count > 1 ? arguments[1] : DefaultUrl, UriKind.Absolute, out var url))
        {
            await Console.Error.WriteLineAsync(
                $"{Name}: '{arguments[1]}' is no absolute http address, as in {DefaultUrl}"
            );
            return 1;
        }

        using var client = new HttpClient { Timeout = AnswerBound };
        try
        {
            using var answer = await client.GetAsync(url);
            Console.WriteLine($"{(int)answer.StatusCode} {(await answer.Content.ReadAsStringAsync()).Trim()}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception noAnswer)
            when (noAnswer
                    is HttpRequestException
                        or SocketException
                        or OperationCanceledException
                        or NotSupportedException
            )
        {
            await Console.Error.WriteLineAsync($"{Name}: {url} does not answer: {noAnswer.Message}");
            return 1;
        }
    }
}
