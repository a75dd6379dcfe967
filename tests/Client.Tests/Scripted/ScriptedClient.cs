// A client in false time whose connections are the test's: what it does depends on the script and on nothing else.
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Tests.Scripted;

internal sealed class ScriptedClient : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly Connector connector = new();

    public ScriptedClient(Action<RaftLocksOptions>? configure = null, ILogger? log = null)
    {
        var options = new RaftLocksOptions
        {
            Nodes = [new Uri("http://a:1"), new Uri("http://b:1")],
            ReleaseTimeout = TimeSpan.Zero,
        };
        configure?.Invoke(options);
        Locks = new RaftLocksClient(options, connector, Clock, log ?? NullLogger.Instance);
    }

    public FakeTimeProvider Clock { get; } = new();

    public RaftLocksClient Locks { get; }

    /// <summary>Which nodes were asked for a connection.</summary>
    public IReadOnlyList<Uri> Asked => [.. connector.Asked];

    /// <summary>Lets the next attempts to connect fail.</summary>
    public void Refuse(Exception? with) => connector.Refusal = with;

    /// <summary>
    /// Waits for the client to connect; nothing is said yet. Time goes on where the client pauses before it.
    /// </summary>
    public async Task<ScriptedWire> AcceptAsync()
    {
        await PassUntilAsync(
            "the client connects",
            TimeSpan.FromMilliseconds(10),
            () => connector.Accepted.Reader.TryPeek(out _)
        );
        return await connector.Accepted.Reader.ReadAsync();
    }

    /// <summary>Waits for the client to connect and tells it that nothing is live.</summary>
    public async Task<ScriptedWire> AcceptReadyAsync(bool answersPings = true)
    {
        var wire = await AcceptAsync();
        wire.AnswersPings = answersPings;
        wire.Say("""{"action":"resume","state":"ready"}""");
        return wire;
    }

    /// <summary>Lets time pass in small steps until something is so.</summary>
    public async Task PassUntilAsync(string what, TimeSpan step, Func<bool> isSo)
    {
        await Eventually.HoldsAsync(
            what,
            Bound,
            () =>
            {
                if (isSo())
                {
                    return Task.FromResult(true);
                }

                Clock.Advance(step);
                return Task.FromResult(isSo());
            }
        );
    }

    public ValueTask DisposeAsync() => Locks.DisposeAsync();

    private sealed class Connector : IConnector
    {
        public Channel<ScriptedWire> Accepted { get; } = Channel.CreateUnbounded<ScriptedWire>();

        public System.Collections.Concurrent.ConcurrentQueue<Uri> Asked { get; } = new();

        public Exception? Refusal { get; set; }

        public IWire Connect(Uri node, CancellationToken token)
        {
            Asked.Enqueue(node);
            if (Refusal is { } refusal)
            {
                throw refusal;
            }

            var wire = new ScriptedWire(node);
            Accepted.Writer.TryWrite(wire);
            return wire;
        }
    }
}
