// Reads the first messages of a connection: how many channels have something live, and the state of each.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

/// <summary>Reads the resume message of a connection and those of its channels.</summary>
internal sealed class ResumeReader(IWire wire)
{
    private readonly List<ServerMessage> messages = [];
    private readonly HashSet<string> channels = new(StringComparer.Ordinal);

    public IReadOnlyList<ServerMessage> Messages => messages;

    /// <summary>Reads them; an end if they don't come.</summary>
    /// <exception cref="BadMessageException">The other end does not speak this protocol.</exception>
    public Received Read(TimeSpan bound, TimeProvider clock)
    {
        using var timeout = new CancellationTokenSource(bound, clock);
        using var giveUp = timeout.Token.UnsafeRegister(_ => wire.Abort(), null);
        for (var expected = 1; messages.Count < expected;)
        {
            var received = wire.Receive();
            if (received.IsEnd)
            {
                return timeout.IsCancellationRequested ? received with { Reason = Silent(bound) } : received;
            }

            var message = ServerMessage.Parse(received.Message.Span);
            if (messages.Count == 0)
            {
                expected += message.Channels;
            }

            Check(message);
            messages.Add(message);
        }

        return default;
    }

    private string Silent(TimeSpan bound) =>
        $"{wire.Node} accepted the connection and said nothing for {bound.TotalSeconds:0.#} s";

    private void Check(ServerMessage message)
    {
        if (message.Action != ServerAction.Resume)
        {
            throw new BadMessageException(
                "it does not know of sessions, so it is another product or older than this client"
            );
        }

        // The first one is the main channel's, which this client does not use.
        var isLive = message.State is RequestState.Enqueued or RequestState.Acquired;
        if (
            messages.Count == 0
                ? message.Channel is not null || message.State == RequestState.Unknown
                : message.Channel is null || !channels.Add(message.Channel) || (isLive && message.Id is null or 0)
        )
        {
            throw new BadMessageException("a resume lacks its channel, its state or its id");
        }
    }
}
