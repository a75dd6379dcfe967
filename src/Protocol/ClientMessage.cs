// A parsed message, made to be used again and again: all segments lie unescaped in one flat buffer, and resources and
// segments are index ranges into it. Nothing is allocated per message once the buffers have grown to what a client sends.
namespace RaftLocks.Protocol;

/// <summary>A message of a client. Its content is valid until the next parse into it.</summary>
public sealed class ClientMessage
{
    // What one large message needed is not kept for ever: there is one of these per connection or thread.
    private const int KeptBytes = 4096;
    private const int KeptSegments = 256;

    private byte[] bytes = [];
    private int byteCount;
    private int[] segmentEnds = [];
    private int segmentCount;
    private ResourceRange[] resources = [];

    /// <summary>What the message asks for.</summary>
    public ClientAction Action { get; internal set; }

    /// <summary>How many resources a lock names; 0 for a release.</summary>
    public int ResourceCount { get; private set; }

    /// <summary>How the resource at a position is to be locked.</summary>
    public AccessMode ModeOf(int resource) => At(resource).Mode;

    /// <summary>Length of its path.</summary>
    public int SegmentCountOf(int resource) => At(resource).SegmentCount;

    /// <summary>A segment of its path, valid UTF-8.</summary>
    public ReadOnlySpan<byte> Segment(int resource, int segment)
    {
        ref readonly var range = ref At(resource);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)segment, (uint)range.SegmentCount, nameof(segment));
        var at = range.FirstSegment + segment;
        var start = at == 0 ? 0 : segmentEnds[at - 1];
        return bytes.AsSpan(start, segmentEnds[at] - start);
    }

    // Unescaping never makes text longer, so a buffer as long as the message always suffices.
    internal void Begin(int messageBytes)
    {
        if (bytes.Length < messageBytes || (bytes.Length > KeptBytes && messageBytes <= KeptBytes))
        {
            bytes = new byte[Math.Max(messageBytes, 256)];
        }

        if (segmentEnds.Length > KeptSegments && messageBytes <= KeptBytes)
        {
            segmentEnds = [];
            resources = [];
        }

        Action = default;
        byteCount = 0;
        segmentCount = 0;
        ResourceCount = 0;
    }

    internal int SegmentCount => segmentCount;

    internal Span<byte> FreeBytes => bytes.AsSpan(byteCount);

    internal void AddSegment(int length)
    {
        if (segmentCount == segmentEnds.Length)
        {
            Array.Resize(ref segmentEnds, Math.Max(8, segmentCount * 2));
        }

        byteCount += length;
        segmentEnds[segmentCount++] = byteCount;
    }

    internal void AddResource(AccessMode mode, int firstSegment)
    {
        if (ResourceCount == resources.Length)
        {
            Array.Resize(ref resources, Math.Max(4, ResourceCount * 2));
        }

        resources[ResourceCount++] = new ResourceRange(mode, firstSegment, segmentCount - firstSegment);
    }

    // The array may be longer than the message, so its own bounds check is not enough.
    private ref readonly ResourceRange At(int resource)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)resource, (uint)ResourceCount, nameof(resource));
        return ref resources[resource];
    }

    private readonly record struct ResourceRange(AccessMode Mode, int FirstSegment, int SegmentCount);
}
