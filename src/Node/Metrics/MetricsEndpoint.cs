// GET /metrics: everything that is measured, for Prometheus. The text is our own work because OpenTelemetry's exporter
// for Prometheus has no release yet, and would measure through locks; what both ways out say is the same.
namespace RaftLocks.Node.Metrics;

internal sealed class MetricsEndpoint(MetricsCollector collector)
{
    public Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(collector.Collect(PrometheusText.Write));
    }
}
