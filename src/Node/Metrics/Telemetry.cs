// All that a node reports itself beside its log: the meter and who reads it, Prometheus always, an OpenTelemetry
// collector if one is set.
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Metrics;

/// <summary>A node's telemetry.</summary>
internal sealed class Telemetry : IDisposable
{
    private readonly Meter meter = new(TelemetryNames.Source);
    private readonly MetricsCollector collector;
    private readonly MeterProvider? metricsOut;
    private readonly TracerProvider? tracesOut;

    /// <summary>Listens from now on, also to instruments that are made later.</summary>
    public Telemetry(NodeSettings settings)
    {
        collector = new MetricsCollector(meter);
        Raft = new RaftMetrics(meter);
        Node = new NodeMetrics(meter);
        Page = new MetricsEndpoint(collector);
        if (settings.Otlp is not { } to)
        {
            return;
        }

        var resource = ResourceBuilder
            .CreateDefault()
            .AddService("raftlocks", serviceVersion: ProductVersion.Text, serviceInstanceId: settings.Name);
        metricsOut = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(TelemetryNames.Source)
            .AddOtlpExporter(
                (exporter, reader) =>
                {
                    Address(exporter, to, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = Limits.OtlpMetricsEveryMs;
                }
            )
            .Build();

        // Only a client that traces itself is traced: it says so with its traceparent.
        tracesOut = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new AlwaysOffSampler()))
            .AddSource(TelemetryNames.Source)
            .AddOtlpExporter(exporter => Address(exporter, to, "v1/traces"))
            .Build();
    }

    /// <summary>The counts of the replication.</summary>
    public RaftMetrics Raft { get; }

    /// <summary>The metrics that are read from the other parts.</summary>
    public NodeMetrics Node { get; }

    /// <summary>GET /metrics.</summary>
    public MetricsEndpoint Page { get; }

    /// <summary>Sends what has not been sent, for a moment, and ends.</summary>
    public void Dispose()
    {
        metricsOut?.Shutdown(Limits.OtlpFlushMs);
        tracesOut?.Shutdown(Limits.OtlpFlushMs);
        metricsOut?.Dispose();
        tracesOut?.Dispose();
        collector.Dispose();
        meter.Dispose();
    }

    private static void Address(OtlpExporterOptions exporter, Uri to, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(to.AbsoluteUri.TrimEnd('/') + "/" + path);
    }
}
