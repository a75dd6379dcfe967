// What can't be had is refused with a sentence; what can is written as the command that plays it again.
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Tests;

public class OptionsTests
{
    [Theory]
    [InlineData(1, "Processes", true)]
    [InlineData(3, "Processes", true)]
    [InlineData(5, "Processes", true)]
    [InlineData(2, "Processes", false)]
    [InlineData(3, "Docker", true)]
    [InlineData(5, "Docker", false)]
    public void Numbers_of_nodes_that_can_be_had(int nodes, string stand, bool can) =>
        Assert.Equal(can, Options.WhyNot(nodes, Enum.Parse<Stand>(stand)) is null);

    [Fact]
    public void The_command_plays_the_same_again()
    {
        Assert.Equal(
            "dotnet run --project chaos -c Release -- --minutes 0.5 --seed 7 --nodes 3 --clients 40",
            new Options(0.5, 7, 3, 40, FaultKinds.All).Command
        );
        Assert.EndsWith("--faults none", new Options(1, 7, 3, 8, []).Command, StringComparison.Ordinal);
        Assert.EndsWith(
            "--clients 8 --docker --faults kill,bridge",
            new Options(1, 7, 3, 8, [FaultKind.Kill, FaultKind.Bridge], Stand.Docker).Command,
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "--clients 8 --faults none --previous old/raftlocks-node.dll --availability-bound 2.5",
            new Options(1, 7, 3, 8, [], Previous: "old/raftlocks-node.dll", AvailabilityBoundS: 2.5).Command,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_previous_build_that_is_not_there_is_refused() =>
        Assert.Contains(
            "there is no such file",
            Options.WhyNot(3, Stand.Processes, "nowhere/raftlocks-node.dll"),
            StringComparison.Ordinal
        );
}
