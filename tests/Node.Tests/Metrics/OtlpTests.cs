// What goes to an OpenTelemetry collector. The collector here keeps what it gets: protobuf, in which names stand as
// they are.
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Metrics;

public class OtlpTests
{
    [Fact]
    public async Task Metrics_are_sent_to_a_collector_the_last_when_the_node_ends()
    {
        await using var collector = new Collector();
        await using (var node = await SingleNode.StartAsync(settings => settings with { Otlp = collector.Url }))
        {
            await (await node.ConnectAsync("chosen-namespace", 0)).LockAsync("a");
        }

        var sent = await collector.TakeAsync("/v1/metrics");

        Assert.Contains("raftlocks.grants", sent, StringComparison.Ordinal);
        Assert.Contains("raftlocks.commit.duration", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("chosen", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_is_no_trouble()
    {
        Uri nowhere;
        await using (var collector = new Collector())
        {
            nowhere = collector.Url;
        }

        await using var node = await SingleNode.StartAsync(settings => settings with { Otlp = nowhere });

        Assert.Equal("acquired", (await (await node.ConnectAsync("n", 0)).LockAsync("a")).State);
    }
}

internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly System.Threading.Channels.Channel<(string Path, string Body)> got =
        System.Threading.Channels.Channel.CreateUnbounded<(string, string)>();

    public Collector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        web = builder.Build();
        web.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            context.Response.StatusCode = (int)HttpStatusCode.OK;
            got.Writer.TryWrite((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        web.StartAsync().GetAwaiter().GetResult();
    }

    public Uri Url => new(web.Urls.First());

    public async Task<string> TakeAsync(string path)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var (at, body) = await got.Reader.ReadAsync(timeout.Token);
            if (at == path)
            {
                return body;
            }
        }
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
