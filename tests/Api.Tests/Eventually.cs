// Waits for a condition that nothing announces.
namespace RaftLocks.Api.Tests;

internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task HoldsAsync(Func<bool> condition)
    {
        using var tooLong = new CancellationTokenSource(Bound);
        while (!condition())
        {
            await Task.Delay(Pause, tooLong.Token);
        }
    }
}
