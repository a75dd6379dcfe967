// One request of an election, with its bound. Its connection is closed when the answer is late, so that the library
// stops waiting for it.
namespace RaftLocks.Node.Raft.Transport;

/// <summary>One member that is asked for its vote or pre-vote.</summary>
internal sealed class ElectionRequest
{
    private readonly ElectionRounds rounds;
    private readonly Action cut;
    private readonly TimeProvider time;
    private readonly long askedAt;
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private bool isAwaited = true;
    private bool isLate;
    private bool hasEnded;

    /// <summary>Begins the bound with the request.</summary>
    public ElectionRequest(ElectionRounds rounds, ElectionRounds.Round round, Action cut, TimeProvider time)
    {
        this.rounds = rounds;
        this.cut = cut;
        this.time = time;
        Round = round;
        askedAt = time.GetTimestamp();
        timer = time.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The round that it belongs to.</summary>
    internal ElectionRounds.Round Round { get; }

    /// <summary>How long ago the member was asked.</summary>
    internal TimeSpan Age => time.GetElapsedTime(askedAt);

    /// <summary>Called before the library reads more of the answer.</summary>
    /// <exception cref="IOException">It should have been here.</exception>
    public void BeginRead()
    {
        lock (gate)
        {
            isAwaited = !isLate ? true : throw new IOException("This member's answer is too late for the election.");
        }
    }

    /// <summary>Called when bytes have arrived, or the other end has closed the connection.</summary>
    public void EndRead(bool received)
    {
        lock (gate)
        {
            isAwaited = false;
        }

        if (received)
        {
            rounds.Answered(this);
        }
    }

    /// <summary>Called when another request follows, or the connection is closed.</summary>
    public void End()
    {
        lock (gate)
        {
            hasEnded = true;
        }

        timer.Dispose();
        rounds.Forget(this);
    }

    /// <summary>Sets the bound anew.</summary>
    internal void EndWithin(TimeSpan bound) =>
        timer.Change(bound > TimeSpan.Zero ? bound : TimeSpan.Zero, Timeout.InfiniteTimeSpan);

    private void Expire()
    {
        lock (gate)
        {
            isLate = true;
            if (hasEnded || !isAwaited)
            {
                return;
            }
        }

        cut();
    }
}
