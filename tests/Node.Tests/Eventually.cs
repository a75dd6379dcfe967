// Waits for a condition that nothing announces.
namespace RaftLocks.Node.Tests;

internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        using var tooLong = new CancellationTokenSource(Bound);
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet: 404, 503.
            }

            await Task.Delay(Pause, tooLong.Token);
        }
    }
}
