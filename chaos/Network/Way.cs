// The way to one address of a node: whoever calls it is passed on, or, while the way swallows connections, not even
// accepted. For that the kernel's queue of accepted connections is made as short as can be, and filled: it drops the
// first packet of every further one, as a firewall or a machine that hangs does.
using System.Net;
using System.Net.Sockets;

namespace RaftLocks.Chaos.Network;

/// <summary>A listener that can swallow connections.</summary>
internal sealed class Way : IDisposable
{
    private const int UsualBacklog = 512;
    private const int MaxFillers = 8;
    private static readonly TimeSpan FillBound = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan TakeBound = TimeSpan.FromSeconds(20);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<Socket, Task> passOn;
    private readonly List<Socket> fillers = [];
    private Gate gate = new();

    /// <summary>Begins to listen, on a port of its own.</summary>
    public Way(Func<Socket, Task> passOn)
    {
        this.passOn = passOn;
        gate.Opened.SetResult();
        listener.Start(UsualBacklog);
        _ = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    private bool Swallows => !Volatile.Read(ref gate).Opened.Task.IsCompleted;

    /// <summary>From here on connections are swallowed, or accepted again.</summary>
    public async Task SetAsync(bool swallows)
    {
        if (swallows == Swallows)
        {
            return;
        }

        if (swallows)
        {
            Volatile.Write(ref gate, new Gate());
            listener.Server.Listen(0);
            await FillAsync();
        }
        else
        {
            listener.Server.Listen(UsualBacklog);
            fillers.ForEach(filler => filler.Dispose());
            fillers.Clear();
            gate.Opened.SetResult();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        fillers.ForEach(filler => filler.Dispose());
        listener.Dispose();
    }

    // Until one is no longer accepted. One caller is taken from the queue in any case, as the server waited for it:
    // what fills the queue before that leaves a place afterwards.
    private async Task FillAsync()
    {
        await AddFillerAsync();
        await gate.Taken.Task.WaitAsync(TakeBound);
        while (fillers.Count < MaxFillers && await AddFillerAsync()) { }
    }

    /// <summary>Adds one; false if it is not accepted any more.</summary>
    private async Task<bool> AddFillerAsync()
    {
        var filler = new Socket(SocketType.Stream, ProtocolType.Tcp);
        fillers.Add(filler);
        using var bound = new CancellationTokenSource(FillBound);
        try
        {
            await filler.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), bound.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            Socket caller;
            try
            {
                caller = await listener.AcceptSocketAsync();
                var held = Volatile.Read(ref gate);
                held.Taken.TrySetResult();
                await held.Opened.Task;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = passOn(caller);
        }
    }

    // What keeps the one caller that is taken from being served.
    private sealed class Gate
    {
        public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
