// How a metric of .NET is called where Prometheus reads it: the rules of OpenTelemetry, so that both ways out give the
// same names.
using System.Diagnostics.Metrics;

namespace RaftLocks.Node.Metrics;

internal static class MetricNames
{
    /// <summary>Returns the name of a metric, as in raftlocks_wait_duration_seconds, raftlocks_events_total.</summary>
    public static string Of(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_').Replace('-', '_');
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" => "_ratio",
            _ => "",
        };
        return name
            + (name.EndsWith(unit, StringComparison.Ordinal) ? "" : unit)
            + (IsCounter(instrument) ? "_total" : "");
    }

    /// <summary>Whether it only grows.</summary>
    public static bool IsCounter(Instrument instrument) => KindOf(instrument) is "Counter`1" or "ObservableCounter`1";

    /// <summary>The word that Prometheus has for its kind.</summary>
    public static string TypeOf(Instrument instrument) =>
        IsCounter(instrument) ? "counter"
        : KindOf(instrument) == "Histogram`1" ? "histogram"
        : "gauge";

    private static string KindOf(Instrument instrument) => instrument.GetType().Name;
}
