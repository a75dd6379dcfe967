// "raftlocks upgrade check": whether the next member may be restarted with another version. The decision is
// UpgradeDecision's; here it is asked for and shown.
using System.CommandLine;
using System.Text.Json;
using RaftLocks.Cli.Shared;
using RaftLocks.Cli.Upgrade;

namespace RaftLocks.Cli.Commands;

internal static class UpgradeCommand
{
    private const string Description = """
        Helps with a rolling upgrade, and with a rolling back.

        Examples:
          raftlocks upgrade check
        """;

    private const string CheckDescription = """
        Says whether the cluster is ready for the next step of a rolling upgrade or a rolling back: whether the next member may be stopped and started with another version, which one that is, whether the feature level can be raised, and whether there is a way back. It changes nothing.

        Where something is in the way, there is a line for each reason, with what to do.

        Examples:
          raftlocks upgrade check
          raftlocks upgrade check --to 0.2.0
          until raftlocks upgrade check --to 0.2.0; do sleep 2; done

        Exit codes: 0 ready, or all members run the version of --to; 1 not ready; 122 no node answers.
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var target = new Option<string?>("--to")
        {
            Description = "The version that all members are to run, newer or older [default: none in particular]",
            HelpName = "VERSION",
        };
        var check = new DescribedCommand("check", CheckDescription) { target }.With([.. cluster.Where, cluster.Json]);
        check.SetAction(
            async (parsed, token) =>
            {
                var wanted = VersionOf(parsed.GetValue(target));
                using var api = cluster.Api(terminal, parsed);
                var facts = await UpgradeLook.AskAsync(api, new SkippedNodes(terminal), wanted, token);
                var report = UpgradeDecision.Of(facts);
                if (parsed.GetValue(cluster.Json))
                {
                    await terminal.Out.WriteLineAsync(Json(facts, report));
                }
                else
                {
                    Show(terminal, facts, report);
                }

                return report.IsReady ? ExitCodes.Done : ExitCodes.Failed;
            }
        );
        return new DescribedCommand("upgrade", Description) { check };
    }

    private static string? VersionOf(string? given)
    {
        var version = given is ['v' or 'V', .. var number] ? number : given;
        return version is null || Releases.Number(version) is not null
            ? version
            : throw new UsageException($"--to '{given}' is no version such as 0.2.0.");
    }

    private static void Show(Terminal terminal, UpgradeFacts facts, UpgradeReport report)
    {
        var table = Grids.Make("MEMBER", "ADDRESS", "ROLE", "VERSION", "UNDERSTANDS", "LAG");
        foreach (var (name, address, state) in facts.Members)
        {
            table.Row(
                Cells.Shown(name),
                Cells.Shown(address),
                state is null ? "does not answer" : Cells.Shown(state.Role),
                Cells.Shown(state?.Version),
                state is null ? null : $"level {Cells.Number(state.Understands)}",
                state is null ? null : Cells.Number(UpgradeDecision.LagOf(facts, state))
            );
        }

        terminal.Tables().Write(table);
        var lines = report.IsReady
            ? report.Paths.Select(path => Next(facts, path))
            : report.Reasons.Select(reason => $"Not ready: {reason.Text}");
        foreach (var line in report.Notes.Concat(lines))
        {
            terminal.Out.WriteLine(Cells.Shown(line));
        }
    }

    private static string Next(UpgradeFacts facts, UpgradePath path)
    {
        if (path.Members.Count == 0)
        {
            return $"All members run {path.Version}: nothing is left to do.";
        }

        var members = path.Members.Select(name => name == facts.Leader ? $"{name} (the leader)" : name).ToList();
        var later = members.Count > 1 ? $" Later: {string.Join(", ", members.Skip(1))}." : "";
        return $"Ready{(path.Version is { } version ? $" for {version}" : "")}. Next: {members[0]}.{later}";
    }

    private static string Json(UpgradeFacts facts, UpgradeReport report) =>
        ResponseJson.Pretty(
            JsonSerializer.SerializeToUtf8Bytes(
                new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["ready"] = report.IsReady,
                    ["to"] = facts.Target,
                    ["leader"] = facts.Leader,
                    ["featureLevel"] = facts.Level,
                    ["members"] = facts.Members.Select(member => new Dictionary<string, object?>(StringComparer.Ordinal)
                    {
                        ["name"] = member.Name,
                        ["address"] = member.Address,
                        ["answers"] = member.State is not null,
                        ["role"] = member.State?.Role,
                        ["version"] = member.State?.Version,
                        ["supportedFeatureLevel"] = member.State?.Understands,
                        ["lag"] = member.State is { } state ? UpgradeDecision.LagOf(facts, state) : null,
                    }),
                    ["reasons"] = report.Reasons.Select(reason => new Dictionary<string, object?>(
                        StringComparer.Ordinal
                    )
                    {
                        ["reason"] = JsonNamingPolicy.CamelCase.ConvertName($"{reason.Kind}"),
                        ["member"] = reason.Member,
                        ["text"] = reason.Text,
                    }),
                    ["next"] = report.Paths.Select(path => new Dictionary<string, object?>(StringComparer.Ordinal)
                    {
                        ["version"] = path.Version,
                        ["members"] = path.Members,
                    }),
                    ["notes"] = report.Notes,
                }
            )
        );
}
