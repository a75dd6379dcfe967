// A connection whose other end is the test: it hears what the client says and answers word by word, without a network
// and in no time.
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Tests.Scripted;

internal sealed class ScriptedWire(Uri node) : IWire
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    // The client blocks on it with a thread of its own, as it does on a socket.
    private readonly BlockingCollection<(Received Said, Exception? Failure)> toClient = [];
    private readonly Channel<JsonElement> fromClient = Channel.CreateUnbounded<JsonElement>();

    private int said;
    private int delivered;
    private int finished;

    public Uri Node => node;

    /// <summary>Whether pings are answered at once.</summary>
    public bool AnswersPings { get; set; } = true;

    /// <summary>How many pings came.</summary>
    public int Pings { get; private set; }

    /// <summary>Whether the client broke or left the connection.</summary>
    public bool IsAborted { get; private set; }

    public void Say(string json) => Put(new Received(Encoding.UTF8.GetBytes(json), IsEnd: false, null, null));

    /// <summary>What a connection is told first: which channels have something live.</summary>
    public void SayResumed(params (string Channel, string State, int Id, string Ref)[] live)
    {
        Say($$"""{"action":"resume","state":"ready","channels":{{live.Length}}}""");
        foreach (var (channel, state, id, mark) in live)
        {
            Say(
                $$"""{"channel":"{{channel}}","action":"resume","state":"{{state}}","id":"{{id}}","ref":"{{mark}}","resources":[{"type":"write","path":["a"]}]}"""
            );
        }
    }

    public void Close(int? code = null, string? reason = null) => Put(new Received(default, IsEnd: true, code, reason));

    /// <summary>Makes the client's next receive throw what no connection should.</summary>
    public void Fail(Exception with)
    {
        Interlocked.Increment(ref said);
        toClient.Add((default, with));
    }

    /// <summary>What each send throws from now on.</summary>
    public Exception? SendFails { get; set; }

    /// <summary>What the client's good-bye waits for; null for nothing.</summary>
    public ManualResetEventSlim? CloseWaits { get; set; }

    /// <summary>The next message of the client that is no ping.</summary>
    public async Task<JsonElement> HearAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        return await fromClient.Reader.ReadAsync(bound.Token);
    }

    public async Task<JsonElement> HearAsync(string action)
    {
        var heard = await HearAsync();
        Assert.Equal(action, heard.GetProperty("action").GetString());
        return heard;
    }

    /// <summary>Hears a lock and grants it.</summary>
    public async Task<string> GrantAsync(ulong id)
    {
        var channel = (await HearAsync("lock")).GetProperty("channel").GetString()!;
        Say(Reply(channel, id, "lock", "acquired"));
        return channel;
    }

    /// <summary>Hears a release and confirms it.</summary>
    public async Task ReleaseAsync(ulong id) =>
        Say(Reply((await HearAsync("release")).GetProperty("channel").GetString()!, id, "release", "ready"));

    /// <summary>Whether the client waits for the next message, having dealt with all before it.</summary>
    public bool IsRead => Volatile.Read(ref finished) == Volatile.Read(ref said);

    /// <summary>Waits until it is.</summary>
    public Task IsReadAsync() => Eventually.HoldsAsync("all is read", Bound, () => Task.FromResult(IsRead));

    public bool HeardNothing => !fromClient.Reader.TryPeek(out _);

    public static string Reply(string channel, ulong id, string action, string state, string more = "") =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"channel":"{{channel}}","id":"{{id}}","action":"{{action}}","state":"{{state}}"{{more}}}"""
        );

    public void Send(ReadOnlySpan<byte> message, bool hasMore)
    {
        if (SendFails is { } failure)
        {
            throw failure;
        }

        var json = JsonDocument.Parse(message.ToArray()).RootElement;
        if (json.GetProperty("action").GetString() == "ping")
        {
            Pings++;
            if (AnswersPings)
            {
                Say($$"""{"action":"pong","t":"{{json.GetProperty("t").GetString()}}"}""");
            }
        }
        else
        {
            fromClient.Writer.TryWrite(json);
        }
    }

    public Received Receive()
    {
        // Whoever asks for the next one has dealt with the last.
        Volatile.Write(ref finished, delivered);
        var received = toClient.Take();
        delivered++;
        return received.Failure is null ? received.Said : throw received.Failure;
    }

    public void Close()
    {
        CloseWaits?.Wait();
        Abort();
    }

    public void Abort()
    {
        IsAborted = true;
        Close(reason: "aborted");
    }

    public void Dispose() => Abort();

    private void Put(Received received)
    {
        Interlocked.Increment(ref said);
        toClient.Add((received, null));
    }
}
