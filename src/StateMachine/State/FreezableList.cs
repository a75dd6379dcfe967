// A dense list that can be frozen in microseconds, however long it is. Freezing hands out the blocks themselves, and a
// later change of a block copies it first. So the cost of a freeze is spread over later changes: at most one copy for
// each block that is changed.
namespace RaftLocks.StateMachine.State;

internal sealed class FreezableList<T>
    where T : struct
{
    private const int BlockBits = 9;
    private const int BlockSize = 1 << BlockBits;

    private T[][] blocks = [];
    private bool[] isFrozen = [];

    public int Count { get; private set; }

    /// <summary>An item, to look at.</summary>
    public ref readonly T this[int index] => ref blocks[index >> BlockBits][index & (BlockSize - 1)];

    /// <summary>An item, to change; valid until the next freeze.</summary>
    public ref T Change(int index)
    {
        var number = index >> BlockBits;
        if (isFrozen[number])
        {
            blocks[number] = [.. blocks[number]];
            isFrozen[number] = false;
        }

        return ref blocks[number][index & (BlockSize - 1)];
    }

    public void Add(in T item)
    {
        if (Count >> BlockBits == blocks.Length)
        {
            Array.Resize(ref blocks, Math.Max(blocks.Length * 2, 1));
            Array.Resize(ref isFrozen, blocks.Length);
        }

        if (blocks[Count >> BlockBits] is null)
        {
            blocks[Count >> BlockBits] = new T[BlockSize];
            isFrozen[Count >> BlockBits] = false;
        }

        Count++;
        Change(Count - 1) = item;
    }

    public void RemoveLast()
    {
        Change(Count - 1) = default;
        Count--;
    }

    /// <summary>The list as it stands, for any thread and for as long as it is wanted.</summary>
    public FrozenList<T> Freeze()
    {
        Array.Fill(isFrozen, true);
        return new FrozenList<T>([.. blocks.AsSpan(0, (Count + BlockSize - 1) >> BlockBits)], Count);
    }
}

/// <summary>A list that does not change any more.</summary>
internal readonly struct FrozenList<T>(T[][] blocks, int count)
    where T : struct
{
    public T[] ToArray()
    {
        var items = new T[count];
        for (var done = 0; done < count;)
        {
            var block = blocks[done / blocks[0].Length];
            var here = Math.Min(block.Length, count - done);
            block.AsSpan(0, here).CopyTo(items.AsSpan(done));
            done += here;
        }

        return items;
    }
}
