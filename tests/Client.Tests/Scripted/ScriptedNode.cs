// A node that speaks real HTTP and WebSockets and answers handshakes as the test says.
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace RaftLocks.Client.Tests.Scripted;

internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly WebApplication web;

    private ScriptedNode(WebApplication web) => this.web = web;

    public Uri Url => new(web.Urls.First());

    /// <summary>The queries of the handshakes that came.</summary>
    public List<string> Queries { get; } = [];

    public static async Task<ScriptedNode> StartAsync(
        Func<HttpContext, Task> handle,
        X509Certificate2? certificate = null,
        bool wantsClientCertificate = false
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
                kestrel.Listen(
                    IPAddress.Loopback,
                    0,
                    listen =>
                    {
                        if (certificate is not null)
                        {
                            listen.UseHttps(
                                certificate,
                                https =>
                                {
                                    https.ClientCertificateMode = wantsClientCertificate
                                        ? ClientCertificateMode.RequireCertificate
                                        : ClientCertificateMode.NoCertificate;
                                    https.ClientCertificateValidation = (_, _, _) => true;
                                }
                            );
                        }
                    }
                )
            );
        var listening = builder.Build();
        listening.UseWebSockets();
        var node = new ScriptedNode(listening);
        listening.Run(context =>
        {
            node.Queries.Add(context.Request.QueryString.Value!);
            return handle(context);
        });
        await listening.StartAsync();
        return node;
    }

    /// <summary>Accepts, says one thing, and answers the first message with another.</summary>
    public static async Task ServeAsync(HttpContext context, string first, Func<string, string> answer)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await SayAsync(socket, first);
        var buffer = new byte[8192];
        try
        {
            while (
                await socket.ReceiveAsync(buffer, context.RequestAborted)
                    is { MessageType: WebSocketMessageType.Text } received
            )
            {
                await SayAsync(socket, answer(Encoding.UTF8.GetString(buffer, 0, received.Count)));
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client has gone.
        }
    }

    /// <summary>Serves a client: grants each lock at once, answers pings and releases.</summary>
    public static Task GrantAsync(HttpContext context)
    {
        var id = 0UL;
        return ServeAsync(
            context,
            """{"action":"resume","state":"ready"}""",
            message =>
            {
                var json = JsonDocument.Parse(message).RootElement;
                return json.GetProperty("action").GetString() switch
                {
                    "ping" => $$"""{"action":"pong","t":"{{json.GetProperty("t").GetString()}}"}""",
                    "lock" => ScriptedWire.Reply(json.GetProperty("channel").GetString()!, ++id, "lock", "acquired"),
                    _ => ScriptedWire.Reply(json.GetProperty("channel").GetString()!, 5, "release", "ready"),
                };
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await web.StopAsync(new CancellationToken(canceled: true));
        await web.DisposeAsync();
    }

    private static Task SayAsync(WebSocket socket, string text) =>
        socket.SendAsync(
            Encoding.UTF8.GetBytes(text),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );
}
