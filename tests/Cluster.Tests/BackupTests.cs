using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// A running cluster is saved, and a new one is made of the file, as docs/operations.md tells.

public sealed class BackupTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Fact]
    public async Task What_was_saved_from_a_running_cluster_goes_on_in_a_new_one()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-backup-");
        try
        {
            var file = Path.Combine(folder.FullName, "locks.snapshot");
            var old = await StartAsync(3);
            var holder = await ClientAsync(old, "saved", 600_000);
            Assert.Equal((1UL, "acquired"), await holder.LockAsync("a") is var held ? (held.Id, held.State) : default);
            var shortLived = await ClientAsync(old, "saved", 1_000);
            Assert.Equal("acquired", (await shortLived.LockAsync("b")).State);

            // Any node can be asked; what was acknowledged before is in it.
            var follower = await old.FollowerAsync();
            var saved = await OperateAsync("snapshot", "save", file, "--node", follower.Url.ToString());
            Assert.True(saved.Code == 0, saved.Log);
            Assert.Contains("2 live requests", saved.Log, StringComparison.Ordinal);
            saved = await OperateAsync("snapshot", "save", file, "--node", follower.Url.ToString());
            Assert.Contains("exists already", saved.Log, StringComparison.Ordinal);
            await Task.WhenAll(old.Nodes.Select(node => node.KillAsync()));

            var fresh = Describe(1);
            var restored = await RunAsync(
                "snapshot",
                "restore",
                file,
                "--data",
                fresh.DataOf("n1"),
                "--name",
                "n1",
                "--raise-ids",
                "5000",
                "--namespace",
                "later"
            );
            Assert.True(restored.Code == 0, restored.Log);
            Assert.Contains(
                "5000 higher in each namespace and begin behind that in 'later'",
                restored.Log,
                StringComparison.Ordinal
            );
            Assert.Contains("Any other namespace that began after the save", restored.Log, StringComparison.Ordinal);
            var unnamed = await RunAsync("snapshot", "restore", file, "--data", fresh.DataOf("unnamed"));
            Assert.Equal(0, unnamed.Code);
            Assert.Contains("restore again, with --namespace NAME for each", unnamed.Log, StringComparison.Ordinal);
            var again = await RunAsync("snapshot", "restore", file, "--data", fresh.DataOf("n1"), "--name", "n1");
            Assert.Equal(1, again.Code);
            Assert.Contains("not empty", again.Log, StringComparison.Ordinal);
            await fresh.StartAsync();

            // Nobody came back for it: its time starts anew and passes. Numbering goes on behind all that may have been
            // given after the save.
            var next = await ClientAsync(fresh, "saved");
            var waits = await next.LockAsync("b");
            Assert.Equal(5003UL, waits.Id);
            Assert.Equal(
                "acquired",
                waits.State == "enqueued" ? (await next.NextAsync(AnswerBound)).State : waits.State
            );
            Assert.Equal("ready", (await next.ReleaseAsync()).State);
            Assert.Equal(
                (5004UL, "enqueued"),
                await next.LockAsync("a") is var behind ? (behind.Id, behind.State) : default
            );

            var later = await ClientAsync(fresh, "later");
            Assert.Equal(
                (5001UL, "acquired"),
                await later.LockAsync("a") is var first ? (first.Id, first.State) : default
            );
            Assert.Equal("ready", (await later.ReleaseAsync()).State);

            // The others join with empty folders, and are sent the state.
            foreach (var name in new[] { "n2", "n3" })
            {
                var (added, member) = fresh.DescribeJoining(name);
                Own(added).Start();
                await Eventually.HoldsAsync(
                    $"{name} waits",
                    AnswerBound,
                    async () => await added.Http.ClusterAsync() is { Role: "joining" }
                );
                var (code, log) = await OperateAsync("member", "add", member, "--node", fresh.Nodes[0].Url.ToString());
                Assert.True(code == 0, log);
                await Eventually.HoldsAsync($"{name} follows", AnswerBound, added.Http.IsReadyAsync);
            }

            await Eventually.HoldsAsync(
                "all three have the same locks",
                AnswerBound,
                async () =>
                {
                    var views = await Task.WhenAll(fresh.Running.Select(node => node.Http.ClusterAsync()));
                    return views.Length == 3
                        && views.All(view => view is { Live: 2 })
                        && views.Select(view => view!.AppliedIndex).Distinct().Count() == 1;
                }
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_damaged_file_is_not_restored_and_a_restored_node_is_not_started_beside_empty_ones()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-backup-");
        try
        {
            var file = Path.Combine(folder.FullName, "locks.snapshot");
            var old = await StartAsync(1);
            var holder = await ClientAsync(old, "saved", 600_000);
            Assert.Equal("acquired", (await holder.LockAsync("a")).State);
            Assert.Equal(0, (await OperateAsync("snapshot", "save", file, "--node", old.Nodes[0].Url.ToString())).Code);

            var damaged = await File.ReadAllBytesAsync(file);
            damaged[^20] ^= 1;
            var damagedFile = Path.Combine(folder.FullName, "damaged.snapshot");
            await File.WriteAllBytesAsync(damagedFile, damaged);
            var fresh = Describe(3);
            var refused = await RunAsync(
                "snapshot",
                "restore",
                damagedFile,
                "--data",
                fresh.DataOf("n1"),
                "--name",
                "n1"
            );
            Assert.Equal(1, refused.Code);
            Assert.Contains("checksum", refused.Log, StringComparison.Ordinal);
            Assert.False(Directory.Exists(fresh.DataOf("n1")));

            Assert.Equal(
                0,
                (await RunAsync("snapshot", "restore", file, "--data", fresh.DataOf("n1"), "--name", "n1")).Code
            );
            fresh.Nodes[0].Start();
            Assert.NotEqual(0, await fresh.Nodes[0].WaitForExitAsync(AnswerBound));
            Assert.Contains("start this node alone first", fresh.Nodes[0].Log, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
