// A member that hangs must not hold up replication. The library's rounds go on without the last answer, except in one
// case: where the majority has answered and not all of it has the newest entry, as in the first round of every new
// leader, the round waits for the last member, as long as a request may take. Then the leader asks nobody else
// meanwhile. That is how it is recognised here: the others have answered, and have not been asked again for longer than
// a heartbeat. The connection that holds up the round is closed, and the round goes on.
namespace RaftLocks.Node.Raft.Transport;

/// <summary>The exchanges of entries that this node, as the leader, has under way.</summary>
/// <param name="members">How many members there are, this node included.</param>
/// <param name="graceTime">How long the others must have been idle; longer than from one heartbeat to the next.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplicationRounds(Func<int> members, TimeSpan graceTime, TimeProvider time) : IDisposable
{
    // A slow line needs more time for a large exchange.
    private const double BytesPerMs = 1000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private readonly HashSet<Exchange> exchanges = [];
    private ITimer? timer;
    private bool isLooking;

    /// <summary>Watches a connection.</summary>
    /// <param name="cut">Closes it.</param>
    public Exchange Watch(Action cut)
    {
        var exchange = new Exchange(this, cut);
        lock (gate)
        {
            exchanges.Add(exchange);
        }

        return exchange;
    }

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose();

    /// <summary>Closes the connections that hold up a round.</summary>
    internal void Look()
    {
        List<Exchange> late;
        lock (gate)
        {
            var idle = exchanges.Count(exchange => !exchange.IsUnderWay && AgeOf(exchange) >= graceTime);
            late = [.. exchanges.Where(exchange => exchange.IsUnderWay && AgeOf(exchange) >= AllowanceOf(exchange))];
            if (idle < members() / 2)
            {
                late = [];
            }

            isLooking = exchanges.Any(exchange => exchange.IsUnderWay);
            if (isLooking)
            {
                timer!.Change(LookEvery, Timeout.InfiniteTimeSpan);
            }
        }

        late.ForEach(exchange => exchange.Cut());
    }

    private TimeSpan AgeOf(Exchange exchange) =>
        exchange.Since is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    private TimeSpan AllowanceOf(Exchange exchange) =>
        graceTime + TimeSpan.FromMilliseconds(exchange.Bytes / BytesPerMs);

    private void Begin(Exchange exchange)
    {
        lock (gate)
        {
            exchange.Since = time.GetTimestamp();
            exchange.IsUnderWay = true;
            exchange.Bytes = 0;
            if (!isLooking)
            {
                isLooking = true;
                timer ??= time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                timer.Change(LookEvery, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void End(Exchange exchange)
    {
        lock (gate)
        {
            exchange.Since = time.GetTimestamp();
            exchange.IsUnderWay = false;
        }
    }

    private void Forget(Exchange exchange)
    {
        lock (gate)
        {
            exchanges.Remove(exchange);
        }
    }

    /// <summary>The traffic on one connection, one exchange after the other.</summary>
    /// <param name="rounds">The rounds that they belong to.</param>
    /// <param name="cut">Closes the connection.</param>
    internal sealed class Exchange(ReplicationRounds rounds, Action cut) : IDisposable
    {
        /// <summary>The time when it began, or when the last one was answered; null before the first.</summary>
        public long? Since { get; set; }

        /// <summary>Whether an answer is awaited.</summary>
        public bool IsUnderWay { get; set; }

        /// <summary>How much was sent.</summary>
        public long Bytes { get; set; }

        /// <summary>Called when the member is sent entries, or a heartbeat.</summary>
        public void Begin() => rounds.Begin(this);

        /// <summary>Called when the member has answered.</summary>
        public void End() => rounds.End(this);

        /// <inheritdoc/>
        public void Dispose() => rounds.Forget(this);

        /// <summary>Closes the connection.</summary>
        internal void Cut() => cut();
    }
}
