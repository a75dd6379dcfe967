// "raftlocks-node snapshot restore": a saved state into the data folder of a node that founds a new cluster with it.
// Saving is the command line's ("raftlocks snapshot save"); a data folder is the node's.
using System.CommandLine;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Node.Backup;

/// <summary>The subcommand that restores.</summary>
internal static class SnapshotCommand
{
    /// <summary>The first argument that calls it.</summary>
    public const string Name = "snapshot";

    // More lock requests than a busy namespace sees in a day; few enough that ids stay exact in programs that take them
    // for floating point numbers.
    private const ulong DefaultRaise = 1_000_000_000;

    /// <summary>Runs it; the exit code is 0 if it was done.</summary>
    public static Task<int> RunAsync(string[] arguments) => Subcommand.RunAsync(Make(), arguments);

    /// <summary>The command with its own subcommands.</summary>
    public static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "the snapshot's file" };
        var data = new Option<string>("--data")
        {
            Description = "the new node's data folder, which must be empty",
            Required = true,
        };
        var name = new Option<string>("--name")
        {
            Description = "the new node's name",
            DefaultValueFactory = _ => "n1",
        };
        var restore = new Command(
            "restore",
            "Makes the data folder of a node that founds a new cluster with the saved state."
        )
        {
            file,
            data,
            name,
        };
        var raise = new Option<ulong>("--raise-ids")
        {
            Description =
                "what is added to the counter of each namespace, so that no fencing token that was given after "
                + "the save is given again",
            DefaultValueFactory = _ => DefaultRaise,
        };
        var also = new Option<string[]>("--namespace")
        {
            Description = "a namespace that began after the save: its ids begin behind N too; repeat for each",
        };
        restore.Add(raise);
        restore.Add(also);
        restore.SetAction(parsed =>
            Restore(
                parsed.GetValue(file)!,
                parsed.GetValue(data)!,
                parsed.GetValue(name)!,
                new RaisedSnapshot(parsed.GetValue(raise), parsed.GetValue(also) ?? [])
            )
        );
        return new Command(Name, "A new cluster of a saved state.") { restore };
    }

    private static int Restore(string path, string data, string name, RaisedSnapshot raised)
    {
        try
        {
            if (!MemberList.IsName(name))
            {
                return Refuse($"'{name}' is no name: 1 to 64 letters, digits, '-', '_' or '.'.");
            }

            if (Check(path, out var found) is { } wrong)
            {
                return Refuse($"{path} is no snapshot that this build can restore: {wrong}.");
            }

            if (raised.Error is { } error)
            {
                return Refuse(error);
            }

            RestoredFolder.Make(into => raised.Write(path, into), found.Index, found.Term, data, name);
            Console.WriteLine(
                $"{data} holds the state at index {found.Index}: {found.LiveCount} live requests. {raised.Told} "
                    + $"Start '{name}' on it alone, with --data and one --member;"
                    + " then start the others with empty folders and --join, and add each of them (raftlocks "
                    + "member add)."
            );
            return 0;
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or WrongDataDirectoryException
                        or DamagedDataException
                        or NewerDataException
                        or InvalidDataException
            )
        {
            return Refuse(e.Message);
        }
    }

    private static string? Check(string path, out SnapshotCheck found)
    {
        using var stream = OsFileSystem.Instance.OpenRead(path);
        return SnapshotFormat.Check(stream, out found);
    }

    private static int Refuse(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return 1;
    }
}
