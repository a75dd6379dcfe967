// The two ways to lock a resource, and who asks.
namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>The access to a resource.</summary>
public enum Access : byte
{
    /// <summary>Shared with other readers.</summary>
    Read = 1,

    /// <summary>Exclusive.</summary>
    Write = 2,
}

/// <summary>The owner of a lock that is held or awaited.</summary>
/// <param name="Value">128 bits: random for a connection without a token, else a hash of the token.</param>
/// <param name="Resumable">Whether a later connection can claim what this session holds or awaits.</param>
public readonly record struct SessionId(UInt128 Value, bool Resumable)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
