// How many client connections a node takes in. Each is an open file, and so are the log, the journal, snapshots and
// the connections of Raft: without a bound, clients that connect and say nothing would take the files away from all
// of them. What is over the bound is refused; but a connection that is in no request gives way to a new one first,
// the one that has been idle for longest: so idle ones never shut out health probes, administrators or clients.
using System.Globalization;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

/// <summary>Counts the connections of the client port, whatever their state, and says which may stay.</summary>
internal sealed class ConnectionBudget
{
    // Displaced connections take a moment to close; so many may be on their way out at a time.
    internal const int Closing = 16;

    private readonly Lock gate = new();
    private readonly LinkedList<BoundedConnection> idle = [];
    private TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int open;
    private int forwarded;
    private long refused;

    private readonly int reach;
    private volatile int max;
    private volatile int maxSessions;

    private ConnectionBudget(int reach, int wanted)
    {
        this.reach = reach;
        Resize(wanted);
    }

    /// <summary>Connections in all: those with a session, those in another request, and idle ones.</summary>
    public int Max => max;

    /// <summary>Of these, connections that last: sessions, and those that are forwarded to the leader.</summary>
    public int MaxSessions => maxSessions;

    /// <summary>Open now.</summary>
    public int Open
    {
        get
        {
            lock (gate)
            {
                return open;
            }
        }
    }

    /// <summary>Connections that were refused, or closed to make room.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Makes the budget that the settings ask for, as far as the open files reach.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="openFiles">Files that the process may have open.</param>
    /// <exception cref="IOException">They are too few to serve anybody.</exception>
    public static ConnectionBudget For(NodeSettings settings, int openFiles)
    {
        // A forwarded connection has a second one, to the leader.
        var filesEach = settings.FollowerMode == FollowerMode.Proxy ? 2 : 1;
        var byFiles = (openFiles - Limits.ReservedFiles) / filesEach;
        if (byFiles < Limits.MinConnectionsByFiles)
        {
            var needed = Limits.ReservedFiles + (Limits.MinConnectionsByFiles * filesEach);
            throw new IOException(
                $"The process may have {openFiles} files open, which is too few: this node needs {needed} at least."
                    + " Raise the limit (ulimit -n, LimitNOFILE in a systemd unit, --ulimit nofile= of docker)."
            );
        }

        return new ConnectionBudget(byFiles, settings.MaxConnections);
    }

    /// <summary>Admits more or fewer sessions from now on. Nobody who is connected is sent away.</summary>
    /// <param name="wanted">How many, as far as the open files reach.</param>
    public void Resize(int wanted)
    {
        var room = (int)Math.Min((long)wanted + Limits.SpareConnections, reach);
        var spare = Math.Min(Limits.SpareConnections, Math.Max(Limits.MinSpareConnections, room / 8));

        // Connections of all kinds are never fewer than before: those that are open may be as many.
        max = Math.Max(max, room);
        maxSessions = Math.Min(wanted, room - spare);
    }

    /// <summary>Admits a new connection, or refuses it because there are too many. The caller closes the displaced
    /// one.</summary>
    /// <param name="connection">The new one.</param>
    /// <param name="displaced">An idle one that must be closed for it.</param>
    public bool TryEnter(BoundedConnection connection, out BoundedConnection? displaced)
    {
        displaced = null;
        lock (gate)
        {
            if (open >= Max)
            {
                Interlocked.Increment(ref refused);
                if (open >= Max + Closing || idle.First is not { } oldest)
                {
                    return false;
                }

                idle.RemoveFirst();
                displaced = oldest.Value;
            }

            open++;
            idle.AddLast(connection.Place);
            return true;
        }
    }

    /// <summary>Completes when a connection has closed since it was last asked for.</summary>
    public Task LeftAsync()
    {
        lock (gate)
        {
            return left.Task;
        }
    }

    /// <summary>Whether connections are on their way out, so that it is worth waiting for one.</summary>
    public bool IsClosing
    {
        get
        {
            lock (gate)
            {
                return open > Max;
            }
        }
    }

    /// <summary>A request begins: the connection gives way to nobody until its end. False if it has been displaced
    /// just before.</summary>
    public bool TryBegin(BoundedConnection connection)
    {
        lock (gate)
        {
            if (connection.Place.List is null)
            {
                return false;
            }

            idle.Remove(connection.Place);
            return true;
        }
    }

    /// <summary>A request has ended.</summary>
    public void End(BoundedConnection connection)
    {
        lock (gate)
        {
            if (connection is { HasLeft: false, Place.List: null })
            {
                idle.AddLast(connection.Place);
            }
        }
    }

    /// <summary>A connection is closed, and its file too.</summary>
    public void Leave(BoundedConnection connection)
    {
        lock (gate)
        {
            if (connection.HasLeft)
            {
                return;
            }

            connection.HasLeft = true;
            open--;
            if (connection.Place.List is not null)
            {
                idle.Remove(connection.Place);
            }

            left.TrySetResult();
            left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Counts a connection that is forwarded to the leader, if there is room for it.</summary>
    public bool TryForward()
    {
        if (Interlocked.Increment(ref forwarded) <= MaxSessions)
        {
            return true;
        }

        EndForward();
        return false;
    }

    /// <summary>Tells a client that there is no room for a connection that lasts.</summary>
    public Task RefuseAsync(HttpContext context) =>
        Responses.UnavailableAsync(
            context,
            string.Create(
                CultureInfo.InvariantCulture,
                $"This node has {MaxSessions} connections and takes no more (--max-connections, and the limit of "
                    + $"open files)."
            )
        );

    /// <summary>Notes that a counted connection has ended.</summary>
    public void EndForward() => Interlocked.Decrement(ref forwarded);

    /// <summary>Keeps connections in requests apart from idle ones. Runs before everything else.</summary>
    public static async Task TrackAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<BoundedConnection>() is not { } connection)
        {
            await next(context);
            return;
        }

        if (!connection.Budget.TryBegin(connection))
        {
            context.Abort();
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            connection.Budget.End(connection);
        }
    }
}
