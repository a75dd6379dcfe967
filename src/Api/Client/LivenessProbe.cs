// While a node may take its time to answer, it is asked whether it lives.
namespace RaftLocks.Api;

/// <summary>Asks nodes whether they live.</summary>
internal sealed class LivenessProbe(HttpClient http)
{
    /// <summary>Asks again and again; when the node does not answer, gives up the order and returns true.</summary>
    /// <param name="node">Any page of the node.</param>
    /// <param name="order">What is given up.</param>
    /// <param name="answered">Cancelled when the order is answered.</param>
    public async Task<bool> WatchAsync(Uri node, CancellationTokenSource order, CancellationToken answered)
    {
        try
        {
            for (var misses = 0; misses < ApiLimits.MaxProbeMisses;)
            {
                await Task.Delay(ApiLimits.ProbeInterval, answered);
                misses = await IsAliveAsync(new Uri(node, ApiPaths.Live), answered) ? 0 : misses + 1;
            }

            await order.CancelAsync();
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task<bool> IsAliveAsync(Uri page, CancellationToken answered)
    {
        using var bound = Bounds.Within(ApiLimits.ProbeInterval, answered);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, page);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bound.Token);
            return true;
        }
        catch (Exception e) when (Bounds.IsNoAnswer(e))
        {
            answered.ThrowIfCancellationRequested();
            return false;
        }
    }
}
