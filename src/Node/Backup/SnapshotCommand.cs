// "raftlocks-node snapshot save|restore": the state of a running cluster into a file, and from there into a new cluster.
using System.CommandLine;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Backup;

/// <summary>The subcommands that back up and restore.</summary>
internal static class SnapshotCommand
{
    /// <summary>The first argument that calls it.</summary>
    public const string Name = "snapshot";

    /// <summary>Runs it; the exit code is 0 if it was done.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        var file = new Argument<string>("FILE") { Description = "the snapshot's file" };
        var data = new Option<string>("--data") { Description = "the new node's data folder, which must be empty", Required = true };
        var name = new Option<string>("--name") { Description = "the new node's name", DefaultValueFactory = _ => "n1" };
        var save = new Command("save", "Saves the state of a running cluster: all locks and all who wait.") { file, AdminClient.Node, AdminClient.Token };
        var restore = new Command("restore", "Makes the data folder of a node that founds a new cluster with the saved state.") { file, data, name };
        save.SetAction((parsed, token) => SaveAsync(parsed, parsed.GetValue(file)!, token));
        restore.SetAction(parsed => Restore(parsed.GetValue(file)!, parsed.GetValue(data)!, parsed.GetValue(name)!));
        return Subcommand.RunAsync(new Command(Name, "Backup and restore.") { save, restore }, arguments);
    }

    private static async Task<int> SaveAsync(ParseResult parsed, string path, CancellationToken token)
    {
        if (File.Exists(path))
        {
            return await RefuseAsync($"{path} exists already.");
        }

        return await AdminClient.AskAsync(
            parsed,
            () => new HttpRequestMessage(HttpMethod.Get, "/v1/admin/snapshot"),
            async (answer, cancel) =>
            {
                var beside = path + ".tmp";
                try
                {
                    await using (var received = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1))
                    {
                        await answer.Content.CopyToAsync(received, cancel);
                    }

                    if (Look(beside, out var why) is not { } found)
                    {
                        return await RefuseAsync($"The snapshot arrived damaged: {why}. Try again.");
                    }

                    DurableFile.MoveInto(beside, path);
                    Console.WriteLine($"Saved the state at index {found.Index} (term {found.Term}): {found.LiveCount} live requests, {new FileInfo(path).Length} bytes, in {path}.");
                    return 0;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return await RefuseAsync($"{path} could not be written: {e.Message}");
                }
                finally
                {
                    File.Delete(beside);
                }
            },
            token);
    }

    private static int Restore(string path, string data, string name)
    {
        try
        {
            if (!MemberList.IsName(name))
            {
                return Refuse($"'{name}' is no name: 1 to 64 letters, digits, '-', '_' or '.'.");
            }

            if (Look(path, out var why) is not { } found)
            {
                return Refuse($"{path} is no snapshot that this build can restore: {why}.");
            }

            RestoredFolder.Make(path, found.Index, found.Term, data, name);
            Console.WriteLine(
                $"{data} holds the state at index {found.Index}: {found.LiveCount} live requests. Start '{name}' on it alone, with --data and one --member;"
                + " then start the others with empty folders and --join, and add each of them (raftlocks-node member add).");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or WrongDataDirectoryException or DamagedDataException)
        {
            return Refuse(e.Message);
        }
    }

    private static StateMachine.SnapshotCheck? Look(string path, out string why)
    {
        using var stream = SnapshotFormat.OpenRead(path);
        return SnapshotFormat.Check(stream, out why);
    }

    private static int Refuse(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return 1;
    }

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return 1;
    }
}
