// The settings of how much somebody may ask for in a time. They are a part of the table of settings (Setting.cs).
namespace RaftLocks.Node.Foundation;

/// <summary>Settings of rates.</summary>
internal static class RateSettings
{
    public static readonly Setting MaxLocksPerSecond = new(
        "MaxLocksPerSecond",
        "--max-locks-per-second",
        "N",
        "Locks that a principal asks for in a second, without authentication all clients in a namespace; 0 for any "
            + "number. [0]"
    );

    public static readonly Setting MaxConnectionLocksPerSecond = new(
        "MaxConnectionLocksPerSecond",
        "--max-connection-locks-per-second",
        "N",
        "Locks that one connection asks for in a second; 0 for any number. [0]"
    );

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All = [MaxLocksPerSecond, MaxConnectionLocksPerSecond];
}
