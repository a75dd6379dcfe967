// "raftlocks-node healthcheck [url]": asks a running node, for containers whose image has no curl. By https it trusts,
// and shows, the certificates that the node itself was told of by environment variables.
using System.Net.Sockets;
using RaftLocks.Api;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;

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

        try
        {
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = Tls().Options() };
            using var client = new HttpClient(handler) { Timeout = AnswerBound };
            using var answer = await client.GetAsync(url);
            Console.WriteLine($"{(int)answer.StatusCode} {(await answer.Content.ReadAsStringAsync()).Trim()}");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (CertificateFileException e)
        {
            await Console.Error.WriteLineAsync($"{Name}: {e.Message}");
            return 1;
        }
        catch (Exception noAnswer)
            when (noAnswer
                    is HttpRequestException
                        or SocketException
                        or OperationCanceledException
                        or NotSupportedException
            )
        {
            var why = (noAnswer.InnerException ?? noAnswer).Message;
            await Console.Error.WriteLineAsync($"{Name}: {url} does not answer: {why}");
            return 1;
        }
    }

    // The node's own certificate is trusted under any name: a container asks itself as 127.0.0.1.
    private static TlsClient Tls()
    {
        static string? FromEnvironment(string name) =>
            Environment.GetEnvironmentVariable(name) is { Length: > 0 } path ? path : null;
        var loaded = LoadedCertificates.Read(
            new CertificatePaths
            {
                Certificate = FromEnvironment("RAFTLOCKS_TLS_CERT"),
                Key = FromEnvironment("RAFTLOCKS_TLS_KEY"),
                Authorities = FromEnvironment("RAFTLOCKS_TLS_CA"),
            }
        );
        return new TlsClient
        {
            Authorities = () => loaded.Authorities,
            Certificate = () => loaded.Own,
            IsOwn = loaded.IsOwn,
        };
    }
}
