// What somebody may do: a pure function of rules, asked before anything is proposed or told. A right is a verb on a
// namespace and on a path prefix. There is no rule that forbids: what no rule allows is not allowed.
namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>What may be done.</summary>
[Flags]
public enum Verbs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To lock for reading.</summary>
    LockRead = 1,

    /// <summary>To lock for writing.</summary>
    LockWrite = 2,

    /// <summary>To see who holds and who waits.</summary>
    Observe = 4,

    /// <summary>To read what happened.</summary>
    History = 8,

    /// <summary>To take locks away.</summary>
    Revoke = 16,

    /// <summary>To administer the cluster: members, snapshots, tokens, policies. It counts only for all namespaces
    /// together.</summary>
    Admin = 32,

    /// <summary>Everything.</summary>
    All = LockRead | LockWrite | Observe | History | Revoke | Admin,
}

/// <summary>One rule of a policy: it allows verbs in a part of the world.</summary>
public sealed class PolicyRule
{
    private readonly byte[] space;
    private readonly byte[][] path;

    /// <summary>A rule.</summary>
    /// <param name="verbs">What it allows.</param>
    /// <param name="namespace">In which namespace, UTF-8.</param>
    /// <param name="isPrefix">Whether in all namespaces whose names begin so.</param>
    /// <param name="path">On this path and all beneath it; empty for the whole namespace.</param>
    public PolicyRule(Verbs verbs, byte[] @namespace, bool isPrefix, byte[][] path)
    {
        Verbs = verbs;
        space = @namespace;
        IsPrefix = isPrefix;
        this.path = path;
    }

    /// <summary>What it allows.</summary>
    public Verbs Verbs { get; }

    /// <summary>In which namespace, UTF-8.</summary>
    public ReadOnlySpan<byte> Namespace => space;

    /// <summary>Whether in all namespaces whose names begin so.</summary>
    public bool IsPrefix { get; }

    /// <summary>On this path and all beneath it.</summary>
    public IReadOnlyList<byte[]> Path => path;

    /// <summary>Whether it is about all paths of all namespaces.</summary>
    public bool IsEverywhere => IsPrefix && space.Length == 0 && path.Length == 0;

    /// <summary>Whether it is about a namespace, or a part of it.</summary>
    public bool IsAbout(ReadOnlySpan<byte> name) => IsPrefix ? name.StartsWith(space) : name.SequenceEqual(space);

    /// <summary>Whether the path is the rule's own or lies beneath it.</summary>
    public bool Covers(ResourceView resource)
    {
        if (resource.SegmentCount < path.Length)
        {
            return false;
        }

        var at = 0;
        foreach (var segment in resource)
        {
            if (at == path.Length)
            {
                break;
            }

            if (!segment.SequenceEqual(path[at++]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The rights of one principal.</summary>
/// <param name="rules">The rules of all its policies.</param>
public sealed class Rights(IReadOnlyList<PolicyRule> rules)
{
    /// <summary>The rights of whoever has none.</summary>
    public static readonly Rights None = new([]);

    /// <summary>All rights.</summary>
    public static readonly Rights All = new([new PolicyRule(Verbs.All, [], isPrefix: true, [])]);

    /// <summary>The rules, in no order that means anything.</summary>
    public IReadOnlyList<PolicyRule> Rules => rules;

    /// <summary>Whether a verb is allowed on a path.</summary>
    /// <param name="verb">One verb.</param>
    /// <param name="namespace">Where, UTF-8.</param>
    /// <param name="resource">On which path.</param>
    public bool Allows(Verbs verb, ReadOnlySpan<byte> @namespace, ResourceView resource)
    {
        foreach (var rule in rules)
        {
            if ((rule.Verbs & verb) != Verbs.None && rule.IsAbout(@namespace) && rule.Covers(resource))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a verb is allowed on each of these paths.</summary>
    public bool AllowsAll(Verbs verb, ReadOnlySpan<byte> @namespace, ResourceSet.Enumerator resources)
    {
        while (resources.MoveNext())
        {
            if (!Allows(verb, @namespace, resources.Current))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether all of this may be locked: each path for reading or for writing, as it asks.</summary>
    public bool AllowsLock(ReadOnlySpan<byte> @namespace, ResourceSet resources)
    {
        foreach (var resource in resources)
        {
            var verb = resource.Access == Access.Read ? Verbs.LockRead : Verbs.LockWrite;
            if (!Allows(verb, @namespace, resource))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether one of these verbs is allowed somewhere in a namespace.</summary>
    public bool AllowsSome(Verbs verbs, ReadOnlySpan<byte> @namespace)
    {
        foreach (var rule in rules)
        {
            if ((rule.Verbs & verbs) != Verbs.None && rule.IsAbout(@namespace))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a verb is allowed on all paths of a namespace.</summary>
    public bool AllowsNamespace(Verbs verb, ReadOnlySpan<byte> @namespace)
    {
        foreach (var rule in rules)
        {
            if ((rule.Verbs & verb) != Verbs.None && rule.Path.Count == 0 && rule.IsAbout(@namespace))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of these verbs is allowed anywhere.</summary>
    public bool AllowsAnywhere(Verbs verbs)
    {
        foreach (var rule in rules)
        {
            if ((rule.Verbs & verbs) != Verbs.None)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a verb is allowed on all paths of all namespaces.</summary>
    public bool AllowsEverywhere(Verbs verb)
    {
        foreach (var rule in rules)
        {
            if ((rule.Verbs & verb) != Verbs.None && rule.IsEverywhere)
            {
                return true;
            }
        }

        return false;
    }
}
