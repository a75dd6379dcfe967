// What a request locks, as canonical bytes: count, then for each resource its access, its number of segments, and each
// segment as UTF-8 behind its length. Kept as bytes from the log entry to the queue; nothing is ever parsed into
// strings.
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
