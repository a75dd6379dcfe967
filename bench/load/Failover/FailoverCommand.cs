using System.CommandLine;

namespace RaftLocks.Load.Failover;

// The command line of "failover": all kinds of death, for clusters of three and five, and a table in the end.

/// <summary>The command.</summary>
internal static class FailoverCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds")
        {
            Description = "of each kind and size",
            DefaultValueFactory = _ => 20,
        };
        var deaths = new Option<LeaderFailure[]>("--death")
        {
            Description = "how the leader is lost; several may be given, and none means all",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => Enum.GetValues<LeaderFailure>(),
        };
        var nodes = new Option<int[]>("--nodes")
        {
            Description = "sizes of clusters",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [3, 5],
        };
        var clusters = new Option<int>("--clusters")
        {
            Description = "clusters that share the rounds, side by side",
            DefaultValueFactory = _ => 1,
        };
        var mode = new Option<string>("--follower-mode") { DefaultValueFactory = _ => "redirect" };
        var command = new Command(
            "failover",
            "Loses the leader of clusters of its own in many ways, and measures the time without a grant."
        )
        {
            rounds,
            deaths,
            nodes,
            clusters,
            mode,
        };
        command.SetAction(
            async (parsed, _) =>
            {
                var all = new List<FailoverFigures>();
                foreach (var failure in parsed.GetValue(deaths)!)
                {
                    foreach (var size in parsed.GetValue(nodes)!.Where(size => failure.LeavesMajorityOf(size)))
                    {
                        all.Add(
                            await new FailoverRun(
                                failure,
                                size,
                                parsed.GetValue(rounds),
                                parsed.GetValue(clusters),
                                parsed.GetValue(mode)!
                            ).RunAsync()
                        );
                    }
                }

                await Console.Error.WriteLineAsync(FailoverFigures.Table(all));
                return 0;
            }
        );
        return command;
    }
}
