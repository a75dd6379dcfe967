// What a node is called where its telemetry is read.
namespace RaftLocks.Node.Foundation;

internal static class TelemetryNames
{
    /// <summary>Name of the meter, and of the source of traces.</summary>
    public const string Source = "RaftLocks";
}
