// Which locked paths somebody asks about, seen from the path that is asked for.

namespace RaftLocks.Node.Http;

/// <summary>The relation of a locked path to the path that was asked for.</summary>
[Flags]
public enum PathScope
{
    /// <summary>It has nothing to do with it.</summary>
    None = 0,

    /// <summary>The path itself.</summary>
    Itself = 1,

    /// <summary>A path above it: locked there, it is locked too.</summary>
    Above = 2,

    /// <summary>A path beneath it.</summary>
    Beneath = 4,

    /// <summary>All that has to do with it.</summary>
    All = Itself | Above | Beneath,
}
