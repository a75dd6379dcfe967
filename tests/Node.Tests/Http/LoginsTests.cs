// What a node keeps of logins, and what a page offers by the rules of its viewer.
using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Api;
using RaftLocks.Dashboard;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Http;

public class LoginsTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void A_login_is_found_by_its_number_until_it_is_too_old()
    {
        var logins = new Logins(time);
        var login = logins.Begin("team", "secret", "10.0.0.7", out var number);

        Assert.Same(login, logins.Find(number));
        Assert.Same(login, logins.Of(login.User));
        Assert.Null(logins.Find(number + "x"));
        Assert.Null(logins.Find(null));
        time.Advance(Limits.LoginLife - TimeSpan.FromSeconds(1));
        Assert.Same(login, logins.Find(number));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(logins.Find(number));
        Assert.Null(logins.Of(login.User));
        Assert.True(login.Ended.IsCompleted);
    }

    [Fact]
    public void Whoever_logs_in_without_end_ends_logins_of_its_own_only()
    {
        var logins = new Logins(time);
        logins.Begin("other", "secret", null, out var others);
        logins.Begin("team", "secret", null, out var first);
        for (var i = 0; i < Limits.MaxLoginsOfOne; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.NotNull(logins.Find(i == 0 ? first : others));
            logins.Begin("team", "secret", null, out _);
        }

        Assert.Null(logins.Find(first));
        Assert.NotNull(logins.Find(others));
    }

    [Fact]
    public void All_logins_together_have_a_bound_too()
    {
        var logins = new Logins(time);
        var first = logins.Begin("first", "secret", null, out _);
        for (var i = 0; i < Limits.MaxLogins; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            logins.Begin($"p{i}", "secret", null, out _);
        }

        Assert.True(first.Ended.IsCompleted);
    }

    [Fact]
    public void Attempts_of_one_network_are_counted_together_and_not_with_those_of_others()
    {
        using var rate = new LoginRate();
        Assert.All(Enumerable.Range(0, Limits.LoginBurst), _ => Assert.True(rate.TryAttempt(IPAddress.Loopback)));
        Assert.Contains(
            Enumerable.Range(1, 50).Select(i => IPAddress.Parse($"10.0.0.{i}")),
            other => rate.TryAttempt(other)
        );
        var used = Enumerable.Range(1, 10_000).Count(i => rate.TryAttempt(IPAddress.Parse($"2001:db8::{i:x}")));
        Assert.InRange(used, 0, 10_000 / 2);
    }

    // The page asks the same of the rules as the leader does.
    [Property(MaxTest = 1_000)]
    public Property A_page_offers_what_the_leader_allows() =>
        Prop.ForAll(
            Arb.From(Cases()),
            each =>
            {
                var builder = new ResourceSetBuilder();
                foreach (var path in each.Paths)
                {
                    builder.Begin(Access.Write);
                    foreach (var segment in path)
                    {
                        builder.Segment(segment);
                    }
                }

                var rights = new Rights([.. each.Rules.Select(OfNode)]);
                var resources = builder.Build();
                Assert.Equal(
                    rights.AllowsAll(Verbs.Revoke, Encoding.UTF8.GetBytes(each.Namespace), resources.GetEnumerator()),
                    Rules.Allow(
                        each.Rules,
                        "revoke",
                        each.Namespace,
                        [.. each.Paths.Select(path => new Resource("write", path))]
                    )
                );
            }
        );

    private static Gen<Case> Cases() =>
        from rules in Gen.ListOf(
            from verb in Gen.Elements("revoke", "observe")
            from space in Name()
            from prefix in Gen.Elements(true, false)
            from path in Path()
            select new PolicyRuleInfo([verb], space, prefix, path)
        )
        from space in Name()
        from paths in Gen.NonEmptyListOf(Path())
        select new Case([.. rules], space, [.. paths]);

    private static Gen<string> Name() => Gen.Elements("", "a", "ab", "b");

    private static Gen<string[]> Path() =>
        from length in Gen.Choose(0, 3)
        from path in Gen.ArrayOf(Gen.Elements("x", "y"), length)
        select path;

    private static PolicyRule OfNode(PolicyRuleInfo rule) =>
        new(
            rule.Verbs[0] == "revoke" ? Verbs.Revoke : Verbs.Observe,
            Encoding.UTF8.GetBytes(rule.Namespace),
            rule.Prefix,
            [.. rule.Path!.Select(Encoding.UTF8.GetBytes)]
        );

    private sealed record Case(PolicyRuleInfo[] Rules, string Namespace, string[][] Paths);
}
