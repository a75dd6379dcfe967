using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// A node that has no file descriptor left can't accept connections of other members for as long. Its listener must
// outlive that: a node that is deaf for good on its Raft port says that it is well, and cannot be part of a majority
// when the next leader dies.

[Collection(Measured.Name)]
public sealed partial class AcceptLoopTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    [Fact]
    public async Task A_node_that_had_no_file_descriptor_left_is_reached_by_members_again_as_soon_as_it_has_one()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var cluster = await StartAsync(3);
        var node = await cluster.FollowerAsync();
        var address = cluster.RaftAddressOf(node.Name);
        var taken = Directory
            .GetFiles($"/proc/{node.ProcessId}/fd")
            .Select(path => long.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
            .ToHashSet();
        var free = 0;
        while (taken.Contains(free))
        {
            free++;
        }

        var before = Limit(node, new Limits((ulong)free, 0), keepHard: true);
        using (var refused = new TcpClient())
        {
            await refused.ConnectAsync(address);
            await Eventually.HoldsAsync(
                "the node says that it can't accept",
                AnswerBound,
                () => Task.FromResult(node.Log.Contains("can't be accepted just now", StringComparison.Ordinal))
            );
        }

        Limit(node, before, keepHard: false);

        // What the node is, a request of one byte, is answered by whoever accepts.
        using var member = new TcpClient();
        await member.ConnectAsync(address);
        var stream = member.GetStream();
        await stream.WriteAsync(new byte[] { 6 });
        var answer = new byte[1];
        using var bound = new CancellationTokenSource(AnswerBound);
        Assert.Equal(1, await stream.ReadAsync(answer, bound.Token));
        Assert.True(node.IsRunning);
    }

    /// <summary>Sets a process's soft limit of open files, and returns what was before.</summary>
    private static Limits Limit(NodeProcess node, Limits wanted, bool keepHard)
    {
        Assert.Equal(0, GetLimits(node.ProcessId!.Value, OpenFiles, 0, out var before));
        var after = keepHard ? wanted with { Hard = before.Hard } : wanted;
        Assert.Equal(0, SetLimits(node.ProcessId!.Value, OpenFiles, in after, 0));
        return before;
    }

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimits(int processId, int resource, nint wanted, out Limits before);

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimits(int processId, int resource, in Limits wanted, nint before);

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limits(ulong Soft, ulong Hard);
}
