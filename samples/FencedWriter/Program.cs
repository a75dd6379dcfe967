// A store that can't be fooled by a holder that slept too long: it keeps, for each resource, the greatest fencing token
// that has written, and refuses a smaller one. Here the store is a folder; with PostgreSQL it is one statement
// (docs/protocol.md, "Fencing").
using System.Globalization;
using RaftLocks.Client;
using static RaftLocks.Client.LockResource;

if (args is not [var folder])
{
    Console.Error.WriteLine("usage: FencedWriter FOLDER");
    return 2;
}

var options = new RaftLocksOptions
{
    Nodes =
    [
        .. (Environment.GetEnvironmentVariable("RAFTLOCKS_NODES") ?? "http://127.0.0.1:9009")
            .Split(',')
            .Select(node => new Uri(node)),
    ],
    Namespace = "samples",
};
var store = new FencedFolder(folder);
await using var anna = new RaftLocksClient(options);
await using var bert = new RaftLocksClient(options);

var first = await anna.AcquireAsync(Write("accounts", "7"));
Console.WriteLine(
    $"anna holds token {first.FencingToken}: {Answer(store.TryWrite("accounts-7", "100", first.FencingToken))}"
);

// Anna is suspended, her lock passes on (here it is simply given back), and Bert writes.
await first.DisposeAsync();
await using var second = await bert.AcquireAsync(Write("accounts", "7"));
Console.WriteLine(
    $"bert holds token {second.FencingToken}: {Answer(store.TryWrite("accounts-7", "150", second.FencingToken))}"
);

// Anna wakes up, does not look at held.IsLost, and writes with her old token.
Console.WriteLine(
    $"anna still believes in token {first.FencingToken}: "
        + $"{Answer(store.TryWrite("accounts-7", "90", first.FencingToken))}"
);
Console.WriteLine($"accounts-7 is {store.Read("accounts-7")}");
return 0;

static string Answer(bool written) => written ? "written" : "refused";

/// <summary>
/// Values in files, each with the greatest token that wrote it. The check and the change are one, under the file's
/// lock.
/// </summary>
internal sealed class FencedFolder(string folder)
{
    public bool TryWrite(string name, string value, ulong token)
    {
        Directory.CreateDirectory(folder);
        using var file = new FileStream(
            Path.Combine(folder, name),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None
        );
        using var reader = new StreamReader(file, leaveOpen: true);
        var greatest = reader.ReadLine() is { Length: > 0 } line ? ulong.Parse(line, CultureInfo.InvariantCulture) : 0;
        if (token < greatest)
        {
            return false;
        }

        file.SetLength(0);
        using var writer = new StreamWriter(file, leaveOpen: true);
        writer.WriteLine(token.ToString(CultureInfo.InvariantCulture));
        writer.WriteLine(value);
        writer.Flush();
        file.Flush(flushToDisk: true);
        return true;
    }

    public string? Read(string name) => File.ReadLines(Path.Combine(folder, name)).ElementAtOrDefault(1);
}
