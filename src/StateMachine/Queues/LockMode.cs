// The five modes of multi-granularity locking and which of them go together: Gray, Lorie, Putzolu, Traiger,
// "Granularity of Locks and Degrees of Consistency in a Shared Data Base" (1976), table 1.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Queues;

internal enum LockMode : byte
{
    /// <summary>Reads somewhere beneath.</summary>
    IntentRead = 0,

    /// <summary>Writes somewhere beneath.</summary>
    IntentWrite = 1,

    /// <summary>Reads this and all beneath.</summary>
    Read = 2,

    /// <summary>Reads this and all beneath, and writes somewhere beneath.</summary>
    ReadIntentWrite = 3,

    /// <summary>Writes this and all beneath.</summary>
    Write = 4,
}

internal static class LockModes
{
    public const int Count = 5;

    // Bit m of the byte at n is set when modes m and n can't be held together.
    private static ReadOnlySpan<byte> Incompatible => [0b10000, 0b11100, 0b11010, 0b11110, 0b11111];

    /// <summary>The modes that exclude this one, as a bit set.</summary>
    public static int ExcludedBy(LockMode mode) => Incompatible[(int)mode];

    /// <summary>The weakest mode that covers both.</summary>
    public static LockMode Join(LockMode a, LockMode b)
    {
        var (weak, strong) = a < b ? (a, b) : (b, a);
        return weak == LockMode.IntentWrite && strong == LockMode.Read ? LockMode.ReadIntentWrite : strong;
    }

    /// <summary>The mode that is left when all of a request's writes become reads.</summary>
    public static LockMode WithoutWrites(LockMode mode) =>
        mode switch
        {
            LockMode.IntentWrite => LockMode.IntentRead,
            LockMode.ReadIntentWrite or LockMode.Write => LockMode.Read,
            LockMode.IntentRead or LockMode.Read => mode,
        };

    public static LockMode AtEnd(Access access) => access == Access.Read ? LockMode.Read : LockMode.Write;

    public static LockMode Above(Access access) => access == Access.Read ? LockMode.IntentRead : LockMode.IntentWrite;
}
