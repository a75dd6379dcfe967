// 128 random-looking bits for a few numbers: sets are hashed as the exclusive or of their members, so that members come
// and go in one step.
namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>Hashes of members of sets.</summary>
internal static class Scramble
{
    /// <summary>The hash of a member.</summary>
    public static UInt128 Of(ulong kind, ulong first, ulong second = 0)
    {
        var low = Mix(Mix(Mix(kind) + first) + second);
        return new UInt128(Mix(low ^ 0xD6E8FEB86659FD93), low);
    }

    // The finalizer of splitmix64.
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
