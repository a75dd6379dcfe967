// Keeps a session connected: goes from node to node until one serves, hears where the locks stand, reads until the connection ends,
// and begins again. It rests while the client wants nothing.
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

/// <summary>The connection of a session, again and again.</summary>
internal sealed class SessionLoop(LockSession session, IConnector connector, RaftLocksOptions options, TimeProvider clock, ILogger log)
{
    private readonly Pace pace = new(options.AbandonTimeout);
    private readonly Random random = new();
    private long connections;
    private int nextNode = Random.Shared.Next(options.Nodes.Count);
    private int failures;

    /// <summary>Runs until the client is disposed of or its session is another's.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await session.WhenNeeded().WaitAsync(stop).ConfigureAwait(false);
                var startedAt = clock.GetTimestamp();
                if (await ConnectAsync(stop).ConfigureAwait(false) is { } wire)
                {
                    using (wire)
                    {
                        if (!await ServeAsync(wire, startedAt, stop).ConfigureAwait(false))
                        {
                            return;
                        }
                    }
                }

                await Task.Delay(pace.PauseAfter(failures++, random), clock, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client was disposed of.
        }
    }

    private async Task<IWire?> ConnectAsync(CancellationToken stop)
    {
        var node = options.Nodes[nextNode++ % options.Nodes.Count];
        using var patience = new CancellationTokenSource(pace.ConnectPatience, clock);
        using var token = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop);
        try
        {
            return await connector.ConnectAsync(node, token.Token).ConfigureAwait(false);
        }
        catch (ConnectException e)
        {
            stop.ThrowIfCancellationRequested();
            ClientLog.CouldNotConnect(log, node, e.Message);
            if (e.IsFinal)
            {
                session.Refused(e.Message);
            }
            else
            {
                session.Failed(e.Message);
            }

            return null;
        }
    }

    /// <summary>Serves one connection; false if there must not be another.</summary>
    private async Task<bool> ServeAsync(IWire wire, long startedAt, CancellationToken stop)
    {
        var link = new Link(wire, ++connections, clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var stopping = stop.Register(() => _ = wire.CloseAsync()).ConfigureAwait(false);
        Task[] sides = [];
        Received end;
        try
        {
            var resume = new List<ServerMessage>();
            end = await HearResumeAsync(wire, resume).ConfigureAwait(false);
            if (!end.IsEnd)
            {
                failures = 0;
                session.Resume(link, resume, startedAt);
                ClientLog.Connected(log, wire.Node, resume.Count - 1);
                Telemetry.Connected();
                sides = [link.WriteAsync(ended.Token), link.PingAsync(pace.PingInterval, pace.PongPatience, ended.Token)];
                end = await ReadAsync(wire, link).ConfigureAwait(false);
            }
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            wire.Abort();
            await Task.WhenAll(sides).ConfigureAwait(false);
        }

        stop.ThrowIfCancellationRequested();
        var reason = $"{link.WhyBroken ?? end.Reason ?? "the connection broke"}{(end.CloseCode is { } code ? $" ({wire.Node} closed with {code})" : "")}";
        ClientLog.Disconnected(log, wire.Node, reason);
        if (end.CloseCode == CloseCodes.Replaced)
        {
            session.Replaced(reason);
            return false;
        }

        session.Disconnect(link, end.CloseCode, reason);
        if (end.CloseCode == CloseCodes.TryAgainLater)
        {
            failures = Math.Max(failures, 5);
        }

        return true;
    }

    /// <summary>Reads the resume message of the connection and those of its channels; an end if they don't come.</summary>
    private async Task<Received> HearResumeAsync(IWire wire, List<ServerMessage> resume)
    {
        using var patience = new CancellationTokenSource(pace.ConnectPatience, clock);
        await using var giveUp = patience.Token.Register(wire.Abort).ConfigureAwait(false);
        for (var expected = 1; resume.Count < expected;)
        {
            var received = await wire.ReceiveAsync().ConfigureAwait(false);
            if (received.IsEnd)
            {
                return received;
            }

            if (TryParse(received, out var end) is not { } message)
            {
                return end;
            }

            if (message.Action != ServerAction.Resume)
            {
                return new Received(default, IsEnd: true, null, "the node does not know of sessions: it is older than this client");
            }

            resume.Add(message);
            expected += message.Channels;
        }

        return default;
    }

    private async Task<Received> ReadAsync(IWire wire, Link link)
    {
        while (true)
        {
            var received = await wire.ReceiveAsync().ConfigureAwait(false);
            if (received.IsEnd)
            {
                return received;
            }

            if (TryParse(received, out var end) is not { } message)
            {
                return end;
            }

            session.Receive(message, link);
        }
    }

    private static ServerMessage? TryParse(in Received received, out Received end)
    {
        try
        {
            end = default;
            return ServerMessage.Parse(received.Message.Span);
        }
        catch (JsonException e)
        {
            end = new Received(default, IsEnd: true, null, $"the node sent what is no message of its protocol: {e.Message}");
            return null;
        }
    }
}
