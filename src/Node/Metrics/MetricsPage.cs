// GET /metrics: everything that is measured, for Prometheus.
namespace RaftLocks.Node.Metrics;

internal sealed class MetricsPage(MetricsCollector collector)
{
    public Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(collector.Collect(PrometheusText.Write));
    }
}
