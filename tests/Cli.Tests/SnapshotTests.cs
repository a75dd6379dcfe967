// "raftlocks snapshot save": what arrives is checked before it is called saved.
namespace RaftLocks.Cli.Tests;

public sealed class SnapshotTests(OneNode node) : IClassFixture<OneNode>, IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("raftlocks-cli-");
    private readonly ScriptedPages pages = new();

    private string File1 => Path.Combine(folder.FullName, "s");

    public void Dispose()
    {
        pages.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_is_saved_whole_and_never_over_another_file()
    {
        var saved = await SaveFromNodeAsync();
        Assert.Matches("Saved the state at index [0-9]+: [0-9]+ live requests, ", saved.Out);
        Assert.Equal(0, saved.Code);
        var bytes = await File.ReadAllBytesAsync(File1);

        var again = await Commands.RunAsync(node.Node, "snapshot", "save", File1);

        Assert.Equal(ExitCodes.Failed, again.Code);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(File1));
        Assert.Single(folder.GetFiles());
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("in its header")]
    [InlineData("in the middle")]
    [InlineData("in its last byte")]
    [InlineData("cut")]
    [InlineData("followed by more")]
    [InlineData("of another version")]
    [InlineData("something else")]
    public async Task A_damaged_one_is_not_kept_and_not_called_saved(string how)
    {
        Assert.Equal(0, (await SaveFromNodeAsync()).Code);
        var bytes = await File.ReadAllBytesAsync(File1);
        File.Delete(File1);
        pages.With(
            "/v1/admin/snapshot",
            how switch
            {
                "empty" => [],
                "in its header" => Flipped(bytes, 10),
                "in the middle" => Flipped(bytes, bytes.Length / 2),
                "in its last byte" => Flipped(bytes, bytes.Length - 1),
                "cut" => bytes[..^20],
                "followed by more" => [.. bytes, 0],
                "of another version" => Flipped(bytes, 4),
                _ => "<html>login</html>"u8.ToArray(),
            }
        );

        var ended = await Commands.RunAsync("", "snapshot", "save", File1, "--node", pages.Url);

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains("was not saved: the snapshot arrived damaged", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
        Assert.Empty(folder.GetFiles());
    }

    [Theory]
    [InlineData("no/such/folder/s")]
    [InlineData("file/s")]
    [InlineData("full")]
    public async Task Where_it_can_t_be_written_that_is_said_in_a_line(string path)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "file"), "");
        var target = Path.Combine(folder.FullName, path);
        if (path == "full")
        {
            File.CreateSymbolicLink(target + ".tmp", "/dev/full");
        }

        await SaveSomethingAsync();
        var ended = await Commands.RunAsync(node.Node, "snapshot", "save", target);

        Assert.Equal(ExitCodes.Failed, ended.Code);
        Assert.Contains(
            "was not saved",
            Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal
        );
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var flipped = bytes.ToArray();
        flipped[at] ^= 0x40;
        return flipped;
    }

    private async Task<Outcome> SaveFromNodeAsync()
    {
        await SaveSomethingAsync();
        return await Commands.RunAsync(node.Node, "snapshot", "save", File1);
    }

    // There is no snapshot of a cluster in which nothing was ever locked.
    private async Task SaveSomethingAsync() =>
        Assert.Equal(
            0,
            (
                await Commands.RunAsync(
                    node.Node,
                    "bench",
                    "--for",
                    "10ms",
                    "--workers",
                    "1",
                    "--namespace",
                    "snapshot"
                )
            ).Code
        );
}
