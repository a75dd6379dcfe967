// A reader of server-sent events.
using System.Text.Json;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.History;

internal sealed class EventStream : IDisposable
{
    private readonly HttpResponseMessage answer;
    private readonly StreamReader lines;

    private EventStream(HttpResponseMessage answer, Stream body)
    {
        this.answer = answer;
        lines = new StreamReader(body);
    }

    public static async Task<EventStream> OpenAsync(SingleNode node, string page, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, page));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var opened = await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        opened.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", opened.Content.Headers.ContentType!.MediaType);
        return new EventStream(opened, await opened.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; comments are passed over.</summary>
    public async Task<(string Name, string? Id, JsonElement Data)> NextAsync()
    {
        string name = "",
            data = "";
        string? id = null;
        while (true)
        {
            var line =
                await lines.ReadLineAsync().WaitAsync(WireClient.WaitBound)
                ?? throw new EndOfStreamException("The stream has ended.");
            if (line.Length == 0 && data.Length > 0)
            {
                return (name, id, JsonDocument.Parse(data).RootElement);
            }

            var value = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            name = line.StartsWith("event:", StringComparison.Ordinal) ? value : name;
            id = line.StartsWith("id:", StringComparison.Ordinal) ? value : id;
            data = line.StartsWith("data:", StringComparison.Ordinal) ? value : data;
        }
    }

    public void Dispose()
    {
        lines.Dispose();
        answer.Dispose();
    }
}
