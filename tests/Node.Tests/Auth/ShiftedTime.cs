// A clock whose time of day a test moves on, while all that waits goes by the real one.
namespace RaftLocks.Node.Tests.Auth;

internal sealed class ShiftedTime : TimeProvider
{
    private long shiftTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref shiftTicks));

    public void Shift(TimeSpan by) => Interlocked.Add(ref shiftTicks, by.Ticks);
}
