// What a lock is taken on: a path of segments, for reading or for writing. Everything the server would refuse is
// refused here already, because a refusal by the server ends the connection that all locks of a client share.
using System.Text;

namespace RaftLocks.Client;

/// <summary>The access to a resource.</summary>
public enum LockType
{
    /// <summary>Shared with other readers.</summary>
    Read,

    /// <summary>Exclusive.</summary>
    Write,
}

/// <summary>
/// A path that is to be locked. Two paths overlap when one is a prefix of the other: "orders" overlaps "orders","42".
/// </summary>
public sealed class LockResource : IEquatable<LockResource>
{
    /// <summary>Segments that a path may have.</summary>
    public const int MaxSegments = 64;

    /// <summary>Bytes of UTF-8 that a segment may have.</summary>
    public const int MaxSegmentBytes = 1024;

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private readonly string[] path;

    private LockResource(LockType type, string[] path)
    {
        Type = type;
        this.path = path;
    }

    /// <summary>Its access.</summary>
    public LockType Type { get; }

    /// <summary>Its segments, at least one.</summary>
    public IReadOnlyList<string> Path => path;

    /// <summary>A path to be locked for writing, as in <c>Write("orders", "42")</c>.</summary>
    /// <param name="path">The segments of the path.</param>
    /// <returns>The resource.</returns>
    /// <exception cref="ArgumentException">The path is empty or too long, or a segment is null, too long or no valid
    /// Unicode.</exception>
    public static LockResource Write(params ReadOnlySpan<string> path) => new(LockType.Write, Checked(path));

    /// <summary>A path to be locked for reading, as in <c>Read("prices")</c>.</summary>
    /// <param name="path">The segments of the path.</param>
    /// <returns>The resource.</returns>
    /// <exception cref="ArgumentException">The path is empty or too long, or a segment is null, too long or no valid
    /// Unicode.</exception>
    public static LockResource Read(params ReadOnlySpan<string> path) => new(LockType.Read, Checked(path));

    /// <inheritdoc/>
    public bool Equals(LockResource? other) =>
        other is not null && Type == other.Type && path.AsSpan().SequenceEqual(other.path);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LockResource);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Type);
        foreach (var segment in path)
        {
            hash.Add(segment, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>Writes the resource for people: "write orders/42".</summary>
    /// <returns>The type and the path.</returns>
    public override string ToString() => $"{(Type == LockType.Write ? "write" : "read")} {LockPath.Format(path)}";

    private static string[] Checked(ReadOnlySpan<string> path)
    {
        if (path.Length is 0 or > MaxSegments)
        {
            throw new ArgumentException(
                $"A path has 1 to {MaxSegments} segments, this one has {path.Length}.",
                nameof(path)
            );
        }

        foreach (var segment in path)
        {
            ArgumentNullException.ThrowIfNull(segment, nameof(path));
            CheckText(segment, MaxSegmentBytes, "A segment of a path", nameof(path));
        }

        return path.ToArray();
    }

    /// <summary>Bytes of UTF-8; -1 for null and for what is no valid Unicode.</summary>
    internal static int BytesOf(string? text)
    {
        try
        {
            return text is null ? -1 : Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return -1;
        }
    }

    internal static void CheckText(string text, int maxBytes, string what, string parameter)
    {
        int bytes;
        try
        {
            bytes = Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"{what} has half of a surrogate pair: it is no valid Unicode.", parameter, e);
        }

        if (bytes > maxBytes)
        {
            throw new ArgumentException(
                $"{what} has at most {maxBytes} bytes of UTF-8, this one has {bytes}.",
                parameter
            );
        }
    }
}
