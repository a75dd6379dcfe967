// A node's HTTP pages with answers that the test wrote: what the command line makes of them is what is looked at.
using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace RaftLocks.Cli.Tests;

internal sealed class ScriptedPages : IDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentDictionary<string, (int Status, byte[] Body)> pages = new(StringComparer.Ordinal);

    public ScriptedPages()
    {
        Url = $"http://127.0.0.1:{FreePorts.Take(1)[0]}";
        listener.Prefixes.Add(Url + "/");
        listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public string Url { get; }

    /// <summary>What was asked: method, address, body.</summary>
    public ConcurrentQueue<(string Method, string Address, string Body)> Asked { get; } = new();

    /// <summary>As whom was asked.</summary>
    public ConcurrentQueue<string> Tokens { get; } = new();

    /// <summary>What a page answers.</summary>
    public ScriptedPages With(string path, string body, int status = 200) =>
        With(path, Encoding.UTF8.GetBytes(body), status);

    /// <summary>What a page answers.</summary>
    public ScriptedPages With(string path, byte[] body, int status = 200)
    {
        pages[path] = (status, body);
        return this;
    }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                Asked.Enqueue(
                    (
                        context.Request.HttpMethod,
                        WebUtility.UrlDecode(context.Request.Url!.PathAndQuery),
                        await reader.ReadToEndAsync()
                    )
                );
                Tokens.Enqueue(context.Request.Headers["Authorization"] ?? "");
                var (status, body) = pages.TryGetValue(context.Request.Url.AbsolutePath, out var page)
                    ? page
                    : (404, []);
                context.Response.StatusCode = status;
                context.Response.ContentType = context.Request.Url.AbsolutePath switch
                {
                    "/v1/history/stream" => "text/event-stream",
                    "/v1/admin/snapshot" when status == 200 => "application/octet-stream",
                    _ => "text/plain",
                };
                context.Response.Close(body, willBlock: false);
            }
            catch (Exception e)
                when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }
}
