// Locks are taken in one order; a debug build says so when they are not.
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Foundation;

public class OrderedLockTests
{
    private readonly OrderedLock state = new(LockRank.State);
    private readonly OrderedLock session = new(LockRank.Session);
    private readonly OrderedLock another = new(LockRank.Session);

    [Fact]
    public void In_their_order_they_can_be_taken_again_and_again()
    {
        for (var i = 0; i < 2; i++)
        {
            using (state.Enter())
            {
                using (session.Enter()) { }
            }

            using (session.Enter()) { }
        }
    }

#if DEBUG
    [Fact]
    public void Against_it_they_can_not()
    {
        using (session.Enter())
        {
            Assert.Throws<InvalidOperationException>(() => state.Enter().Dispose());
            Assert.Throws<InvalidOperationException>(() => another.Enter().Dispose());
            session.Enter().Dispose();
        }

        using (state.Enter()) { }
    }
#endif
}
