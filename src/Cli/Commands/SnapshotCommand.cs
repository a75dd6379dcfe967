// "raftlocks snapshot save": the state of a running cluster into a file. Restoring makes a node's data folder, which is
// the node's own business.
using System.CommandLine;
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Commands;

internal static class SnapshotCommand
{
    private const int PartBytes = 1 << 16;
    private static readonly TimeSpan SilenceBound = TimeSpan.FromSeconds(30);

    private const string Description = """
        Saves the state of a running cluster: all locks and all who wait. "raftlocks-node snapshot restore FILE" makes a new cluster of it.

        Example:
          raftlocks snapshot save locks.snapshot
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var file = new Argument<string>("FILE") { Description = "The file to write; it must not exist" };
        var save = new DescribedCommand("save", Description) { file }.With(cluster.Where);
        save.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                return await SaveAsync(terminal, api, parsed.GetRequiredValue(file), token);
            }
        );
        return new DescribedCommand("snapshot", Description) { save };
    }

    private static async Task<int> SaveAsync(Terminal terminal, ApiClient api, string path, CancellationToken token)
    {
        if (File.Exists(path) || Directory.Exists(path))
        {
            throw new RaftLocksException($"{path} exists already.");
        }

        using var answer = await api.OpenAsync(ApiRequests.Snapshot(), token);

        // Beside it first: a file of that name is always whole.
        var beside = path + ".tmp";
        try
        {
            var check = new SnapshotFileCheck();
            await using (var received = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                if (await ReceiveAsync(answer, received, check, token) is { } damage)
                {
                    throw new RaftLocksException(
                        $"{path} was not saved: the snapshot arrived damaged: {damage}. Try again."
                    );
                }
            }

            DurableMove.Move(beside, path);
            await terminal.Out.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Saved the state at index {check.Index}: {check.LiveCount} live requests, "
                        + $"{new FileInfo(path).Length} bytes, in {path}."
                )
            );
            return ExitCodes.Done;
        }
        catch (Exception e)
            when (e is (IOException and not OutputException) or UnauthorizedAccessException or HttpRequestException)
        {
            throw new RaftLocksException($"{path} was not saved: {e.Message.TrimEnd('.')}.", e);
        }
        finally
        {
            Remove(beside);
        }
    }

    /// <summary>Writes what comes; what is wrong with it, or null.</summary>
    private static async Task<string?> ReceiveAsync(
        HttpResponseMessage answer,
        Stream file,
        SnapshotFileCheck check,
        CancellationToken token
    )
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(token);
        var part = new byte[PartBytes];
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(token);
            silence.CancelAfter(SilenceBound);
            int length;
            try
            {
                length = await stream.ReadAsync(part, silence.Token);
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                return $"the node sent nothing for {Durations.Format(SilenceBound)}";
            }

            if (length == 0)
            {
                return check.Complete();
            }

            if (check.Append(part.AsSpan(0, length)) is { } damage)
            {
                return damage;
            }

            await file.WriteAsync(part.AsMemory(0, length), token);
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was never made: its folder is not there, or is not ours.
        }
    }
}
