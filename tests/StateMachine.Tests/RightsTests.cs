// Rights: what the rules allow is what a model of a few lines says, which compares strings and lists.
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class RightsTests
{
    private static readonly string[] Names = ["", "a", "ab", "b", "é"];

    private static readonly Verbs[] Single =
    [
        Verbs.LockRead,
        Verbs.LockWrite,
        Verbs.Observe,
        Verbs.History,
        Verbs.Revoke,
        Verbs.Admin,
    ];

    [Property(MaxTest = 5_000)]
    public Property What_is_allowed_is_what_the_model_says() =>
        Prop.ForAll(
            Arb.From(Cases()),
            each =>
            {
                var rights = new Rights([.. each.Rules.Select(Rule)]);
                var space = Replica.Utf8(each.Namespace);
                var resources = Replica.SetOf(each.Resources);
                foreach (var verb in Single)
                {
                    Assert.Equal(
                        each.Resources.All(resource => Model(each, verb, resource.Path)),
                        rights.AllowsAll(verb, space, resources.GetEnumerator())
                    );
                    Assert.Equal(
                        each.Rules.Any(rule => rule.Verbs.HasFlag(verb) && IsAbout(rule, each.Namespace)),
                        rights.AllowsSome(verb, space)
                    );
                    Assert.Equal(
                        each.Rules.Any(rule =>
                            rule.Verbs.HasFlag(verb) && rule.Path.Length == 0 && IsAbout(rule, each.Namespace)
                        ),
                        rights.AllowsNamespace(verb, space)
                    );
                    Assert.Equal(each.Rules.Any(rule => rule.Verbs.HasFlag(verb)), rights.AllowsAnywhere(verb));
                    Assert.Equal(
                        each.Rules.Any(rule =>
                            rule is { IsPrefix: true, Namespace: "", Path: [] } && rule.Verbs.HasFlag(verb)
                        ),
                        rights.AllowsEverywhere(verb)
                    );
                }

                Assert.Equal(
                    each.Resources.All(one => Model(each, one.IsWrite ? Verbs.LockWrite : Verbs.LockRead, one.Path)),
                    rights.AllowsLock(space, resources)
                );
            }
        );

    [Property(MaxTest = 500)]
    public Property A_policy_comes_out_as_it_went_in_and_means_the_same() =>
        Prop.ForAll(
            Arb.From(Cases()),
            each =>
            {
                var policy = Policy.Of("p"u8.ToArray(), [.. each.Rules.Select(Rule)]);
                var read = Policy.Parse(policy.Bytes)!;
                Assert.Equal("p"u8, read.Name.Span);
                Assert.Equal(policy.Bytes, Policy.Of(read.Name, read.Rules).Bytes);
                var space = Replica.Utf8(each.Namespace);
                Assert.Equal(
                    new Rights(policy.Rules).AllowsLock(space, Replica.SetOf(each.Resources)),
                    new Rights(read.Rules).AllowsLock(space, Replica.SetOf(each.Resources))
                );
            }
        );

    [Fact]
    public void A_rule_on_a_path_does_not_allow_what_stands_above_it()
    {
        var rights = new Rights([
            new PolicyRule(Verbs.LockWrite, "n"u8.ToArray(), isPrefix: false, ["a"u8.ToArray(), "b"u8.ToArray()]),
        ]);
        Assert.True(rights.AllowsLock("n"u8, Replica.SetOf([new(true, "a", "b")])));
        Assert.True(rights.AllowsLock("n"u8, Replica.SetOf([new(true, "a", "b", "c")])));
        Assert.False(rights.AllowsLock("n"u8, Replica.SetOf([new(true, "a")])));
        Assert.False(rights.AllowsLock("n"u8, Replica.SetOf([new(true)])));
        Assert.False(rights.AllowsLock("n"u8, Replica.SetOf([new(true, "a", "bc")])));
        Assert.False(rights.AllowsLock("n"u8, Replica.SetOf([new(false, "a", "b")])));
        Assert.False(rights.AllowsLock("nn"u8, Replica.SetOf([new(true, "a", "b")])));
    }

    [Property(MaxTest = 3_000)]
    public void Noise_is_no_policy_and_no_token_and_throws_nothing(byte[] noise)
    {
        if (Policy.Parse(noise) is { } policy)
        {
            Assert.Equal(noise, policy.Bytes);
        }

        if (AccessToken.Parse(noise) is { } token)
        {
            Assert.Equal(noise, token.Bytes);
        }

        Assert.True(State.AuthState.Parse(noise) is null or { IsOn: false } || noise.Length > 34);
    }

    private static bool Model(Case each, Verbs verb, string[] path) =>
        each.Rules.Any(rule =>
            rule.Verbs.HasFlag(verb)
            && IsAbout(rule, each.Namespace)
            && path.Length >= rule.Path.Length
            && path.Take(rule.Path.Length).SequenceEqual(rule.Path, StringComparer.Ordinal)
        );

    private static bool IsAbout(ModelRule rule, string space) =>
        rule.IsPrefix ? space.StartsWith(rule.Namespace, StringComparison.Ordinal) : space == rule.Namespace;

    private static PolicyRule Rule(ModelRule rule) =>
        new(rule.Verbs, Replica.Utf8(rule.Namespace), rule.IsPrefix, [.. rule.Path.Select(Replica.Utf8)]);

    private static Gen<string[]> Paths() =>
        from length in Gen.Choose(0, 3)
        from path in Gen.Elements("a", "b", "ab").ArrayOf(length)
        select path;

    private static Gen<Case> Cases() =>
        from space in Gen.Elements(Names)
        from ruleCount in Gen.Choose(0, 4)
        from rules in Rules().ArrayOf(ruleCount)
        from resourceCount in Gen.Choose(1, 3)
        from resources in Resources().ArrayOf(resourceCount)
        select new Case(space, rules, resources);

    private static Gen<ModelRule> Rules() =>
        from verbs in Gen.Choose(1, (int)Verbs.All)
        from space in Gen.Elements(Names)
        from isPrefix in Gen.Elements(true, false)
        from path in Paths()
        select new ModelRule((Verbs)verbs, space, isPrefix, path);

    private static Gen<ModelResource> Resources() =>
        from isWrite in Gen.Elements(true, false)
        from path in Paths()
        select new ModelResource(isWrite, path);

    private sealed record ModelRule(Verbs Verbs, string Namespace, bool IsPrefix, string[] Path);

    private sealed record Case(string Namespace, ModelRule[] Rules, ModelResource[] Resources);
}
