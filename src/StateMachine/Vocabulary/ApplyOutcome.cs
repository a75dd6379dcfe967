// The outcome of applying an entry.
namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>The outcome of applying an entry. For all but <see cref="Applied"/> the state is as before, and the node
/// must halt.</summary>
public enum ApplyOutcome
{
    /// <summary>Its commands took effect (or were rejected, each by itself).</summary>
    Applied,

    /// <summary>The bytes are no entry, or don't match their checksum.</summary>
    Damaged,

    /// <summary>Written by a newer build.</summary>
    UnknownVersion,

    /// <summary>Holds a command of a newer build.</summary>
    UnknownKind,

    /// <summary>Raises the feature level beyond what this build supports.</summary>
    AboveFeatureLevel,
}
