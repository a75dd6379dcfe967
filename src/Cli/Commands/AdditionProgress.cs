// "raftlocks member add" says what it waits for, for as long as it waits: how far the new member has come with the log.
using RaftLocks.Api;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Commands;

/// <summary>Reports the progress from its creation until it is disposed of.</summary>
internal sealed class AdditionProgress : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ApiClient api;
    private readonly TextWriter output;
    private readonly CancellationTokenSource over = new();
    private readonly Task telling;

    /// <summary>Begins to report.</summary>
    /// <param name="api">Asks the cluster, and the new member.</param>
    /// <param name="member">The member in the words of --member. If it makes no sense, the leader says so.</param>
    /// <param name="output">The output for the reports.</param>
    public AdditionProgress(ApiClient api, string member, TextWriter output)
    {
        (this.api, this.output) = (api, output);
        telling =
            member.Split(',') is [var name, _, .., var url] && Uri.TryCreate(url, UriKind.Absolute, out var node)
                ? TellAsync(PrintableText.Of(name), node)
                : Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await telling;
        over.Dispose();
    }

    private async Task TellAsync(string name, Uri node)
    {
        await output.WriteLineAsync(
            $"Adding {name}: the leader sends it the log and waits until it has caught up; then the other members"
                + " agree. That may take a minute or two."
        );
        while (true)
        {
            await Task.Delay(Interval, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested)
            {
                return;
            }

            if (
                await AskAsync(() => api.SendAsync(node, ApiRequests.Cluster(), over.Token)) is { } added
                && await AskAsync(() => api.SendAsync(ApiRequests.Cluster(), over.Token)) is { } cluster
            )
            {
                await output.WriteLineAsync(
                    $"{name} has applied {added.AppliedIndex} of {cluster.CommitIndex} entries."
                );
            }
        }
    }

    private async Task<ClusterResponse?> AskAsync(Func<Task<ApiResponse<ClusterResponse>>> ask)
    {
        try
        {
            return (await ask()).Value;
        }
        catch (Exception e)
            when (e is ApiException || (e is OperationCanceledException && over.IsCancellationRequested))
        {
            return null;
        }
    }
}
