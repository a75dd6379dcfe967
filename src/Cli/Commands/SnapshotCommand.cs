// "raftlocks snapshot save": the state of a running cluster into a file. Restoring makes a node's data folder, which is the node's own business.
using System.CommandLine;
using System.Globalization;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Commands;

internal static class SnapshotCommand
{
    private const string IndexHeader = "RaftLocks-Snapshot-Index";

    private const string Description =
        """
        Saves the state of a running cluster: all locks and all who wait. "raftlocks-node snapshot restore FILE" makes a new cluster of it.

        Example:
          raftlocks snapshot save locks.snapshot
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var file = new Argument<string>("FILE") { Description = "The file to write; it must not exist" };
        var save = new DescribedCommand("save", Description) { file, cluster.Nodes, cluster.Token };
        save.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            return await SaveAsync(terminal, api, parsed.GetRequiredValue(file), token);
        });
        return new DescribedCommand("snapshot", Description) { save };
    }

    private static async Task<int> SaveAsync(Terminal terminal, NodeApi api, string path, CancellationToken token)
    {
        if (File.Exists(path))
        {
            throw new RaftLocksException($"{path} exists already.");
        }

        using var answer = await api.StreamAsync("/v1/admin/snapshot", null, token);
        if (!answer.IsSuccessStatusCode)
        {
            throw NodeApi.Refusal(answer.StatusCode, (await answer.Content.ReadAsStringAsync(token)).Trim());
        }

        // Beside it first: a file of that name is always whole.
        var beside = path + ".tmp";
        try
        {
            await using (var received = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await answer.Content.CopyToAsync(received, token);
                received.Flush(flushToDisk: true);
            }

            File.Move(beside, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            File.Delete(beside);
            throw new RaftLocksException($"{path} was not saved: {e.Message}", e);
        }

        var index = answer.Headers.TryGetValues(IndexHeader, out var values) ? values.First() : "?";
        await terminal.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"Saved the state at index {index}, {new FileInfo(path).Length} bytes, in {path}."));
        return ExitCodes.Done;
    }
}
