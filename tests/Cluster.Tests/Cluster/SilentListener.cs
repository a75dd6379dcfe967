using System.Net;
using System.Net.Sockets;

namespace RaftLocks.Cluster;

// What a member looks like to the others when its machine is there and its process is not well: connections are made
// and nothing is ever answered; or, with the kernel's queue full, not even made: each SYN is dropped, as if the cable
// were pulled.

/// <summary>Takes a dead node's place at its address, and says nothing.</summary>
public sealed class SilentListener : IDisposable
{
    private readonly Socket? _listener;
    private readonly List<Socket> _fillers = [];

    private SilentListener(Socket? listener) => _listener = listener;

    /// <summary>Connections are accepted, and nothing is read or written.</summary>
    public static SilentListener Accepting(IPEndPoint address) => Listen(address, backlog: 1024);

    /// <summary>Connections are neither accepted nor refused.</summary>
    public static Task<SilentListener> SwallowingAsync(IPEndPoint address) =>
        Listen(address, backlog: 0).FilledAsync(address);

    /// <summary>The same at the address of a process that is frozen and still listens.</summary>
    public static Task<SilentListener> FillingAsync(IPEndPoint address) =>
        new SilentListener(null).FilledAsync(address);

    /// <inheritdoc />
    public void Dispose()
    {
        _listener?.Dispose();
        _fillers.ForEach(filler => filler.Dispose());
    }

    private static SilentListener Listen(IPEndPoint address, int backlog)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
        listener.Bind(address);
        listener.Listen(backlog);
        return new SilentListener(listener);
    }

    private async Task<SilentListener> FilledAsync(IPEndPoint address)
    {
        while (await FillAsync(address)) { }

        return this;
    }

    /// <summary>Puts one more connection into the queue; false if it is full.</summary>
    private async Task<bool> FillAsync(IPEndPoint address)
    {
        var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _fillers.Add(filler);
        using var full = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        try
        {
            await filler.ConnectAsync(address, full.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
