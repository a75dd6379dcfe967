// What a request locks, as canonical bytes: count, then for each resource its access, its number of segments, and each
// segment as UTF-8 behind its length. Kept as bytes from the log entry to the queue; nothing is ever parsed into
// strings. A builder makes them, resource by resource, segment by segment.
using System.Text;
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>The resources of one lock request; a view over canonical bytes.</summary>
public readonly struct ResourceSet : IEquatable<ResourceSet>
{
    private readonly ReadOnlyMemory<byte> canonical;

    internal ResourceSet(ReadOnlyMemory<byte> canonical) => this.canonical = canonical;

    /// <summary>The canonical bytes.</summary>
    public ReadOnlySpan<byte> Bytes => canonical.Span;

    /// <summary>How many resources.</summary>
    public int Count => new ByteReader(canonical.Span).TryVarint(out var count) ? (int)count : 0;

    /// <summary>Compares the canonical bytes.</summary>
    public static bool operator ==(ResourceSet left, ResourceSet right) => left.Equals(right);

    /// <summary>Compares the canonical bytes.</summary>
    public static bool operator !=(ResourceSet left, ResourceSet right) => !left.Equals(right);

    /// <summary>Reads the resources in order.</summary>
    public Enumerator GetEnumerator() => new(canonical.Span);

    /// <inheritdoc/>
    public bool Equals(ResourceSet other) => canonical.Span.SequenceEqual(other.canonical.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ResourceSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Hash128.Of(canonical.Span, 0).Low();

    /// <summary>Formats the resources for people: <c>write a/b, read c</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var resource in this)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(resource.Access == Access.Read ? "read " : "write ");
            var separator = "";
            foreach (var segment in resource)
            {
                text.Append(separator).Append(Encoding.UTF8.GetString(segment));
                separator = "/";
            }
        }

        return text.ToString();
    }

    /// <summary>Walks through the resources.</summary>
    public ref struct Enumerator
    {
        private ByteReader reader;
        private int left;

        internal Enumerator(ReadOnlySpan<byte> canonical)
        {
            reader = new ByteReader(canonical);
            left = reader.TryVarint(out var count) ? (int)count : 0;
        }

        /// <summary>The resource at hand.</summary>
        public ResourceView Current { get; private set; }

        /// <summary>Goes to the next one.</summary>
        public bool MoveNext()
        {
            if (left == 0)
            {
                return false;
            }

            left--;
            reader.TryByte(out var access);
            reader.TryVarint(out var segments);
            var start = reader.Rest;
            for (var i = 0UL; i < segments; i++)
            {
                reader.TryBlock(Limits.MaxSegmentBytes, out _);
            }

            Current = new ResourceView((Access)access, (int)segments, start[..^reader.Rest.Length]);
            return true;
        }
    }
}

/// <summary>One resource: an access and a path; enumerates the path's segments.</summary>
public readonly ref struct ResourceView
{
    private readonly ReadOnlySpan<byte> segments;

    internal ResourceView(Access access, int segmentCount, ReadOnlySpan<byte> segments)
    {
        Access = access;
        SegmentCount = segmentCount;
        this.segments = segments;
    }

    /// <summary>Read or write.</summary>
    public Access Access { get; }

    /// <summary>Length of the path; 0 locks the whole namespace.</summary>
    public int SegmentCount { get; }

    /// <summary>Walks through the segments as UTF-8.</summary>
    public SegmentEnumerator GetEnumerator() => new(segments);

    /// <summary>Walks through the segments of a path.</summary>
    public ref struct SegmentEnumerator
    {
        private ByteReader reader;
        private ReadOnlySpan<byte> current;

        internal SegmentEnumerator(ReadOnlySpan<byte> segments) => reader = new ByteReader(segments);

        /// <summary>The segment at hand, UTF-8.</summary>
        public readonly ReadOnlySpan<byte> Current => current;

        /// <summary>Goes to the next one.</summary>
        public bool MoveNext() => !reader.AtEnd && reader.TryBlock(Limits.MaxSegmentBytes, out current);
    }
}

/// <summary>Builds resource sets; can be used again after each <see cref="Build"/>.</summary>
public sealed class ResourceSetBuilder
{
    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private readonly ByteWriter bytes = new();
    private readonly ByteWriter segments = new();
    private Access access;
    private int segmentCount;
    private int resourceCount;
    private bool open;

    /// <summary>Starts a resource.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Neither read nor write.</exception>
    /// <exception cref="InvalidOperationException">More than <see cref="Limits.MaxResources"/>.</exception>
    public ResourceSetBuilder Begin(Access access)
    {
        if (access is not (Access.Read or Access.Write))
        {
            throw new ArgumentOutOfRangeException(nameof(access), access, "Read or write.");
        }

        Close();
        if (resourceCount == Limits.MaxResources)
        {
            throw new InvalidOperationException($"A lock names at most {Limits.MaxResources} resources.");
        }

        this.access = access;
        open = true;
        return this;
    }

    /// <summary>Adds a segment, UTF-8, to the resource that was begun.</summary>
    /// <exception cref="ArgumentException">Longer than <see cref="Limits.MaxSegmentBytes"/>.</exception>
    /// <exception cref="InvalidOperationException">No resource was begun, or it has
    /// <see cref="Limits.MaxPathSegments"/> already.</exception>
    public ResourceSetBuilder Segment(ReadOnlySpan<byte> utf8)
    {
        if (!open || segmentCount == Limits.MaxPathSegments)
        {
            throw new InvalidOperationException(
                open ? $"A path has at most {Limits.MaxPathSegments} segments." : "Begin a resource first."
            );
        }

        if (utf8.Length > Limits.MaxSegmentBytes)
        {
            throw new ArgumentException($"A segment has at most {Limits.MaxSegmentBytes} bytes.", nameof(utf8));
        }

        segments.Block(utf8);
        segmentCount++;
        return this;
    }

    /// <summary>Adds a segment to the resource that was begun.</summary>
    /// <exception cref="ArgumentException">The text has a lone surrogate.</exception>
    public ResourceSetBuilder Segment(string text) => Segment(StrictUtf8.GetBytes(text));

    /// <summary>The set; the builder is empty afterwards.</summary>
    public ResourceSet Build()
    {
        Close();
        var set = new ByteWriter(bytes.Length + 5);
        set.Varint((ulong)resourceCount);
        set.Raw(bytes.Written);
        bytes.Clear();
        resourceCount = 0;
        return new ResourceSet(set.Written.ToArray());
    }

    /// <summary>Forgets what was begun.</summary>
    public ResourceSetBuilder Reset()
    {
        bytes.Clear();
        segments.Clear();
        segmentCount = resourceCount = 0;
        open = false;
        return this;
    }

    private void Close()
    {
        if (!open)
        {
            return;
        }

        bytes.Byte((byte)access);
        bytes.Varint((ulong)segmentCount);
        bytes.Raw(segments.Written);
        segments.Clear();
        segmentCount = 0;
        resourceCount++;
        open = false;
    }
}
