// Builds the canonical bytes of a ResourceSet, resource by resource, segment by segment.
using System.Text;
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Vocabulary;

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
