// A policy and its canonical bytes, which stand in the command, the state and the ledger alike:
//
//   name block | rules varint | for each: verbs 1 | prefix 1 | namespace block | segments varint | segment blocks
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>A named list of rules.</summary>
public sealed class Policy
{
    /// <summary>The policy that the first token has: it allows everything.</summary>
    public static readonly Policy Admin = Of("admin"u8.ToArray(), [new PolicyRule(Verbs.All, [], isPrefix: true, [])]);

    /// <summary>What clients without a token may do, if a policy of this name exists.</summary>
    public static readonly Policy Anonymous = Of(
        "anonymous"u8.ToArray(),
        [new PolicyRule(Verbs.LockRead | Verbs.LockWrite | Verbs.Observe | Verbs.History, [], isPrefix: true, [])]
    );

    private readonly byte[] name;
    private readonly PolicyRule[] rules;

    private Policy(byte[] bytes, byte[] name, PolicyRule[] rules)
    {
        Bytes = bytes;
        this.name = name;
        this.rules = rules;
    }

    /// <summary>Its name, UTF-8.</summary>
    public ReadOnlyMemory<byte> Name => name;

    /// <summary>Its rules.</summary>
    public IReadOnlyList<PolicyRule> Rules => rules;

    internal byte[] Bytes { get; }

    /// <summary>Makes a policy.</summary>
    /// <param name="name">Its name, UTF-8.</param>
    /// <param name="rules">Its rules.</param>
    /// <exception cref="ArgumentException">It is beyond the limits.</exception>
    public static Policy Of(ReadOnlyMemory<byte> name, IReadOnlyList<PolicyRule> rules)
    {
        var bytes = new ByteWriter();
        bytes.Block(name.Span);
        bytes.Varint((ulong)rules.Count);
        foreach (var rule in rules)
        {
            bytes.Byte((byte)rule.Verbs);
            bytes.Byte(rule.IsPrefix ? (byte)1 : (byte)0);
            bytes.Block(rule.Namespace);
            bytes.Varint((ulong)rule.Path.Count);
            foreach (var segment in rule.Path)
            {
                bytes.Block(segment);
            }
        }

        return Parse(bytes.Written)
            ?? throw new ArgumentException("A policy that is beyond the limits of the log's format.", nameof(rules));
    }

    /// <summary>Reads a policy; null if these bytes are none.</summary>
    public static Policy? Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        if (
            bytes.Length > Limits.MaxAuthItemBytes
            || !reader.TryBlock(Limits.MaxAuthNameBytes, out var name)
            || name.IsEmpty
            || !reader.TryVarint(out var count)
            || count > Limits.MaxRulesPerPolicy
        )
        {
            return null;
        }

        var read = new PolicyRule[count];
        for (var i = 0; i < read.Length; i++)
        {
            if (ParseRule(ref reader) is not { } rule)
            {
                return null;
            }

            read[i] = rule;
        }

        return reader.AtEnd ? new Policy(bytes.ToArray(), name.ToArray(), read) : null;
    }

    private static PolicyRule? ParseRule(scoped ref ByteReader reader)
    {
        if (
            !reader.TryByte(out var verbs)
            || ((Verbs)verbs & ~Verbs.All) != Verbs.None
            || verbs == 0
            || !reader.TryByte(out var isPrefix)
            || isPrefix > 1
            || !reader.TryBlock(Limits.MaxNamespaceBytes, out var space)
            || !reader.TryVarint(out var segments)
            || segments > Limits.MaxPathSegments
        )
        {
            return null;
        }

        var path = new byte[segments][];
        for (var i = 0; i < path.Length; i++)
        {
            if (!reader.TryBlock(Limits.MaxSegmentBytes, out var segment))
            {
                return null;
            }

            path[i] = segment.ToArray();
        }

        return new PolicyRule((Verbs)verbs, space.ToArray(), isPrefix == 1, path);
    }
}
