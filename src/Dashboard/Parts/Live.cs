// A page that asks for what it shows again and again while it is open.
using Microsoft.AspNetCore.Components;

namespace RaftLocks.Dashboard;

/// <summary>The base of such pages.</summary>
public abstract class Live : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource ended = new();
    private bool started;

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Ended { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Asks; whether something has changed.</summary>
    protected abstract Task<bool> LookAsync();

    /// <summary>Leaves the page.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !ended.IsCancellationRequested)
        {
            ended.Cancel();
            ended.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => Ended = ended.Token;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        await TryLookAsync();
        if (!started)
        {
            started = true;
            _ = LookOnAsync();
        }
    }

    private async Task LookOnAsync()
    {
        using var timer = new PeriodicTimer(Limits.LookEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(Ended))
            {
                await InvokeAsync(async () =>
                {
                    if (await TryLookAsync())
                    {
                        StateHasChanged();
                    }
                });
            }
        }
        catch (OperationCanceledException) { }
    }

    private async Task<bool> TryLookAsync()
    {
        try
        {
            return await LookAsync();
        }
        catch (OperationCanceledException) when (Ended.IsCancellationRequested)
        {
            return false;
        }
    }
}
