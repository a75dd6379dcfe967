// "raftlocks auth": turns authentication on, and changes tokens and policies.
using System.CommandLine;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class AuthCommand
{
    private const string Description = """
        Who may do what: tokens and policies. Until "auth init" nobody is asked; see docs/security.md.

        Examples:
          raftlocks auth init --name ops
          raftlocks auth policy create billing --allow 'lock,observe,history billing*'
          raftlocks auth token create billing-worker --policy billing --expires 90d
          raftlocks auth token rotate billing-worker --overlap 1h
          raftlocks auth token create cert:billing-worker --policy billing
        """;

    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        return new DescribedCommand("auth", Description)
        {
            Init(terminal, cluster),
            new DescribedCommand("token", "Tokens: named secrets, and the policies that they have.")
            {
                CreateToken(terminal, cluster),
                RotateToken(terminal, cluster),
                ListTokens(terminal, cluster),
                Delete(
                    terminal,
                    cluster,
                    "Deletes a token; its holder may do nothing from then on.",
                    ApiRequests.DeleteToken
                ),
            },
            new DescribedCommand("policy", "Policies: what is allowed where.")
            {
                CreatePolicy(terminal, cluster),
                ListPolicies(terminal, cluster),
                Delete(terminal, cluster, "Deletes a policy that no token has.", ApiRequests.DeletePolicy),
            },
        };
    }

    private static DescribedCommand Init(Terminal terminal, ClusterOptions cluster)
    {
        var name = new Option<string>("--name")
        {
            Description = "The name of the first token",
            HelpName = "NAME",
            DefaultValueFactory = _ => "admin",
        };
        var expires = Expires();
        var keep = new Option<bool>("--keep-anonymous")
        {
            Description = "Clients without a token may lock and look as before, by a policy 'anonymous'",
        };
        var command = new DescribedCommand(
            "init",
            "Turns authentication on, once and for good, and prints the first token. On the leader's own machine, or "
                + "with the admin token of the nodes."
        )
        {
            name,
            expires,
            keep,
        }.With([.. cluster.Where, cluster.Json]);
        Ask(
            terminal,
            cluster,
            command,
            parsed =>
                ApiRequests.AuthInit(
                    new AuthInitRequest(
                        parsed.GetValue(name)!,
                        Seconds(parsed.GetValue(expires)),
                        parsed.GetValue(keep)
                    )
                ),
            TellSecret
        );
        return command;
    }

    private static DescribedCommand CreateToken(Terminal terminal, ClusterOptions cluster)
    {
        var name = Name(
            "The token's name: who its holder is; cert:NAME, jwt:NAME or group:NAME for whoever has a client "
                + "certificate or a JWT with that name"
        );
        var policies = new Option<string[]>("--policy")
        {
            Description = "A policy that it has; repeat for several",
            HelpName = "NAME",
            Required = true,
        };
        var expires = Expires();
        var command = new DescribedCommand("create", "Creates a token, and prints its secret once, if it has one.")
        {
            name,
            policies,
            expires,
        }.With([.. cluster.Where, cluster.Json]);
        Ask(
            terminal,
            cluster,
            command,
            parsed =>
                ApiRequests.CreateToken(
                    new NewTokenRequest(
                        BoundNames.Typed(parsed.GetRequiredValue(name)),
                        parsed.GetValue(policies) ?? [],
                        Seconds(parsed.GetValue(expires))
                    )
                ),
            TellSecret
        );
        return command;
    }

    private static DescribedCommand RotateToken(Terminal terminal, ClusterOptions cluster)
    {
        var name = Name("The token's name");
        var overlap = Durations.Option(
            "--overlap",
            "How long the old secret is accepted too",
            TimeSpan.Zero,
            LongestOverlap
        );
        var expires = Expires();
        var command = new DescribedCommand("rotate", "Gives a token a new secret, and prints it once.")
        {
            name,
            overlap,
            expires,
        }.With([.. cluster.Where, cluster.Json]);
        Ask(
            terminal,
            cluster,
            command,
            parsed =>
                ApiRequests.RotateToken(
                    BoundNames.Typed(parsed.GetRequiredValue(name)),
                    new RotateTokenRequest(
                        (long)Math.Ceiling(parsed.GetValue(overlap).Time.TotalSeconds),
                        Seconds(parsed.GetValue(expires))
                    )
                ),
            TellSecret
        );
        return command;
    }

    private static DescribedCommand ListTokens(Terminal terminal, ClusterOptions cluster)
    {
        var command = new DescribedCommand("list", "The tokens, without their secrets.").With([
            .. cluster.Where,
            cluster.Json,
        ]);
        Ask(
            terminal,
            cluster,
            command,
            _ => ApiRequests.Tokens(),
            (to, answer) =>
            {
                var table = Grids.Make("NAME", "POLICIES", "CREATED", "EXPIRES", "OLD SECRET UNTIL");
                foreach (var token in answer.Tokens)
                {
                    table.Row(
                        Cells.Shown(token.Name),
                        Cells.Shown(string.Join(", ", token.Policies)),
                        Cells.Shown(token.CreatedAt),
                        Cells.Shown(token.ExpiresAt ?? "never"),
                        Cells.Shown(token.PreviousUntil ?? "-")
                    );
                }

                to.Tables().Write(table);
            }
        );
        return command;
    }

    private static DescribedCommand CreatePolicy(Terminal terminal, ClusterOptions cluster)
    {
        var name = Name("The policy's name");
        var allow = new Option<string[]>("--allow")
        {
            Description = $"A rule: VERB[,VERB…] NAMESPACE[*] [PATH]; repeat for several. Verbs: {PolicyRules.Verbs}",
            HelpName = "RULE",
            Required = true,
        };
        var command = new DescribedCommand("create", "Creates a policy, or replaces the one of its name.")
        {
            name,
            allow,
        }.With([.. cluster.Where, cluster.Json]);
        Ask(
            terminal,
            cluster,
            command,
            parsed =>
                ApiRequests.SetPolicy(
                    new PolicyInfo(
                        parsed.GetRequiredValue(name),
                        [.. (parsed.GetValue(allow) ?? []).Select(PolicyRules.Parse)]
                    )
                ),
            static (to, answer) => to.Out.WriteLine($"The policy {Cells.Shown(answer.Name)} is in force.")
        );
        return command;
    }

    private static DescribedCommand ListPolicies(Terminal terminal, ClusterOptions cluster)
    {
        var command = new DescribedCommand("list", "The policies and their rules.").With([
            .. cluster.Where,
            cluster.Json,
        ]);
        Ask(
            terminal,
            cluster,
            command,
            _ => ApiRequests.Policies(),
            (to, answer) =>
            {
                var table = Grids.Make("POLICY", "ALLOWS", "NAMESPACE", "PATH");
                foreach (var policy in answer.Policies)
                {
                    foreach (var rule in policy.Rules)
                    {
                        table.Row(
                            Cells.Shown(policy.Name),
                            Cells.Shown(string.Join(", ", rule.Verbs)),
                            Cells.Shown(rule.Namespace + (rule.Prefix ? "*" : "")),
                            Cells.Shown(rule.Path is { Count: > 0 } path ? PolicyRules.Format(path) : "all")
                        );
                    }
                }

                to.Tables().Write(table);
            }
        );
        return command;
    }

    private static DescribedCommand Delete(
        Terminal terminal,
        ClusterOptions cluster,
        string description,
        Func<string, ApiRequest<AuthDoneResponse>> request
    )
    {
        var name = Name("The name");
        var command = new DescribedCommand("delete", description) { name }.With([.. cluster.Where, cluster.Json]);
        Ask(
            terminal,
            cluster,
            command,
            parsed => request(BoundNames.Typed(parsed.GetRequiredValue(name))),
            static (to, answer) => to.Out.WriteLine($"{Cells.Shown(answer.Name)} is deleted.")
        );
        return command;
    }

    private static void Ask<T>(
        Terminal terminal,
        ClusterOptions cluster,
        Command command,
        Func<ParseResult, ApiRequest<T>> request,
        Action<Terminal, T> tell
    )
        where T : class =>
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                var answer = await api.SendAsync(request(parsed), token);
                if (parsed.GetValue(cluster.Json))
                {
                    await terminal.Out.WriteLineAsync(ResponseJson.Pretty(answer.Bytes));
                }
                else
                {
                    tell(terminal, answer.Value);
                }

                return ExitCodes.Done;
            }
        );

    // The secret alone on the standard output, for scripts.
    private static void TellSecret(Terminal terminal, TokenSecretResponse answer)
    {
        if (answer.Secret is not { } secret)
        {
            terminal.Out.WriteLine(
                $"{Cells.Shown(answer.Name)} has these policies (expires: {Cells.Shown(answer.ExpiresAt ?? "never")}). "
                    + "There is no secret: the certificate or the JWT proves the name."
            );
            return;
        }

        terminal.Error.WriteLine(
            $"The secret of {Cells.Shown(answer.Name)}, which is told only now (expires: "
                + $"{Cells.Shown(answer.ExpiresAt ?? "never")}):"
        );
        terminal.Out.WriteLine(Cells.Shown(secret));
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static Option<Duration?> Expires() => Durations.Optional("--expires", "How long it lives [for ever]");

    private static long? Seconds(Duration? some) =>
        some is { } time ? (long)Math.Ceiling(time.Time.TotalSeconds) : null;
}
