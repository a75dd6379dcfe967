// What a lock asks for, as it stands in the log entry, the ledger's record and the snapshot (EntryWriter.cs): channel,
// label, mark, resources.
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

/// <summary>A lock's body in its parts.</summary>
public readonly ref struct LockBody
{
    private LockBody(
        ReadOnlySpan<byte> channel,
        ReadOnlySpan<byte> label,
        ReadOnlySpan<byte> refBytes,
        ReadOnlySpan<byte> resources
    )
    {
        Channel = channel;
        Label = label;
        Ref = refBytes;
        ResourceBytes = resources;
    }

    /// <summary>The session's channel, UTF-8; empty for the main one.</summary>
    public ReadOnlySpan<byte> Channel { get; }

    /// <summary>The label of the client, for people, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Label { get; }

    /// <summary>The client's own reference, UTF-8; may be empty.</summary>
    public ReadOnlySpan<byte> Ref { get; }

    /// <summary>The canonical bytes of what is locked.</summary>
    public ReadOnlySpan<byte> ResourceBytes { get; }

    /// <summary>The locked resources.</summary>
    public ResourceSet.Enumerator Resources => new(ResourceBytes);

    /// <summary>Parses a body; false if these bytes are none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out LockBody body)
    {
        body = default;
        var check = new ByteReader(bytes);
        if (!EntryReader.TryBody(ref check, out _, out _) || !check.AtEnd)
        {
            return false;
        }

        var reader = new ByteReader(bytes);
        reader.TryBlock(Limits.MaxChannelBytes, out var channel);
        reader.TryBlock(Limits.MaxLabelBytes, out var label);
        reader.TryBlock(Limits.MaxLabelBytes, out var refBytes);
        body = new LockBody(channel, label, refBytes, reader.Rest);
        return true;
    }

    /// <summary>The same body with each write turned into a read; null if it has no write.</summary>
    /// <param name="bytes">A sound body.</param>
    public static byte[]? WithReadsOnly(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        for (var i = 0; i < 3; i++)
        {
            reader.TryBlock(Limits.MaxLabelBytes, out _);
        }

        byte[]? changed = null;
        for (reader.TryVarint(out var left); left > 0; left--)
        {
            var at = bytes.Length - reader.Rest.Length;
            reader.TryByte(out var access);
            if (access == (byte)Access.Write)
            {
                changed ??= bytes.ToArray();
                changed[at] = (byte)Access.Read;
            }

            reader.TryVarint(out var segments);
            for (; segments > 0; segments--)
            {
                reader.TryBlock(Limits.MaxSegmentBytes, out _);
            }
        }

        return changed;
    }
}
