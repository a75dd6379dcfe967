// Listens to the node's instruments, and to those of the .NET runtime that can be asked, for as long as the node runs.
using System.Diagnostics.Metrics;

namespace RaftLocks.Node.Metrics;

/// <summary>One value of an observable instrument.</summary>
internal readonly record struct Observation(Instrument Instrument, double Value, KeyValuePair<string, object?>[] Tags);

/// <summary>One measured value.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private const string Runtime = "System.Runtime";

    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private readonly List<Observation> observed = [];
    private readonly List<(Instrument Instrument, HistogramCounts Counts)> histograms = [];

    /// <summary>Listens to one meter, and to the runtime's.</summary>
    public MetricsCollector(Meter meter)
    {
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (
                ReferenceEquals(instrument.Meter, meter)
                || (instrument.Meter.Name == Runtime && instrument.IsObservable)
            )
            {
                to.EnableMeasurementEvents(instrument, StateFor(instrument));
            }
        };
        listener.SetMeasurementEventCallback<double>(OnMeasured);
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, state) => OnMeasured(instrument, value, tags, state)
        );
        listener.SetMeasurementEventCallback<int>(
            (instrument, value, tags, state) => OnMeasured(instrument, value, tags, state)
        );
        listener.Start();
    }

    /// <summary>Asks all instruments that can be asked; hands over what they said and the histograms.</summary>
    public T Collect<T>(
        Func<IReadOnlyList<Observation>, IReadOnlyList<(Instrument Instrument, HistogramCounts Counts)>, T> read
    )
    {
        lock (gate)
        {
            observed.Clear();
            listener.RecordObservableInstruments();
            return read(observed, histograms);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private HistogramCounts? StateFor(Instrument instrument)
    {
        double[]? bounds = instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { } known } => [.. known],
            Histogram<int> { Advice.HistogramBucketBoundaries: { } known } => [.. known.Select(bound => (double)bound)],
            _ => null,
        };
        if (bounds is null)
        {
            return null;
        }

        var counts = new HistogramCounts(bounds);
        lock (gate)
        {
            histograms.Add((instrument, counts));
        }

        return counts;
    }

    // A histogram is recorded by working threads; all other instruments only while they are collected, behind the gate.
    private void OnMeasured(
        Instrument instrument,
        double value,
        ReadOnlySpan<KeyValuePair<string, object?>> tags,
        object? state
    )
    {
        if (state is HistogramCounts counts)
        {
            counts.Record(value);
        }
        else if (instrument.IsObservable)
        {
            observed.Add(new Observation(instrument, value, tags.ToArray()));
        }
    }
}
