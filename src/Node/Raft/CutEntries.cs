// An exchange of no entries that cuts the log instead. The library has no way to drop a tail, only to replace it, and its flusher forgets
// what was not flushed before the place; but it asks for the first entry while nobody else may look at the log, and that is
// when the end is set back.
using DotNext.IO.Log;

namespace RaftLocks.Node.Raft;

internal sealed class CutEntries(Action setEnd) : ILogEntryProducer<ReceivedEntry>
{
    public long RemainingCount => 0;

    public ReceivedEntry Current => throw new InvalidOperationException();

    public ValueTask<bool> MoveNextAsync()
    {
        setEnd();
        return ValueTask.FromResult(false);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
