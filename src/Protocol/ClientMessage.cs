// A parsed message that is reused: all segments and texts are unescaped in one flat buffer, and resources and segments
// are index ranges into it. Nothing is allocated per message once the buffers have grown to what a client sends.
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
    private int channel;
    private int reference;
    private int label;
    private int traceParent;

    /// <summary>The action that the message asks for.</summary>
    public ClientAction Action { get; internal set; }

    /// <summary>How many resources a lock names; 0 for a release.</summary>
    public int ResourceCount { get; private set; }

    /// <summary>The access that is asked for to the resource at a position.</summary>
    public AccessMode ModeOf(int resource) => Range(resource).Mode;

    /// <summary>Length of its path.</summary>
    public int SegmentCountOf(int resource) => Range(resource).SegmentCount;

    /// <summary>A segment of its path, valid UTF-8.</summary>
    public ReadOnlySpan<byte> Segment(int resource, int segment)
    {
        ref readonly var range = ref Range(resource);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)segment, (uint)range.SegmentCount, nameof(segment));
        return At(range.FirstSegment + segment);
    }

    /// <summary>The channel that it concerns; empty for the main one.</summary>
    public ReadOnlySpan<byte> Channel => Text(channel);

    /// <summary>The client's own reference of a lock or a ping; empty if it gave none.</summary>
    public ReadOnlySpan<byte> Ref => Text(reference);

    /// <summary>The label of the client, for people; empty if the message has none.</summary>
    public ReadOnlySpan<byte> Label => Text(label);

    /// <summary>Whether it has a label, be it empty.</summary>
    public bool HasLabel => label > 0;

    /// <summary>
    /// The trace that a lock belongs to, as W3C writes it; empty if the message names none. It is not checked.
    /// </summary>
    public ReadOnlySpan<byte> TraceParent => Text(traceParent);

    /// <summary>How long a lock may wait, ms: 0 not at all, -1 for ever.</summary>
    public long WaitTimeoutMs { get; private set; }

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
        (channel, reference, label, traceParent) = (0, 0, 0, 0);
        WaitTimeoutMs = -1;
        (LockRefusal, PingRefusal) = (null, null);
    }

    /// <summary>The refusal of the message if it turns out to be a lock.</summary>
    internal Refusal? LockRefusal { get; set; }

    /// <summary>The refusal of the message if it turns out to be a ping.</summary>
    internal Refusal? PingRefusal { get; set; }

    internal bool HasChannel => channel > 0;

    internal bool HasRef => reference > 0;

    internal void SetWaitTimeout(long ms) => WaitTimeoutMs = ms;

    // A text lies among the segments; it is remembered by its position, counted from 1.
    internal void AddChannel(int length) => channel = AddText(length);

    internal void AddRef(int length) => reference = AddText(length);

    internal void AddTraceParent(int length) => traceParent = AddText(length);

    internal void AddLabel(int length) => label = AddText(length);

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

    private int AddText(int length)
    {
        AddSegment(length);
        return segmentCount;
    }

    private ReadOnlySpan<byte> Text(int position) => position == 0 ? default : At(position - 1);

    private ReadOnlySpan<byte> At(int segment)
    {
        var start = segment == 0 ? 0 : segmentEnds[segment - 1];
        return bytes.AsSpan(start, segmentEnds[segment] - start);
    }

    // The array may be longer than the message, so its own bounds check is not enough.
    private ref readonly ResourceRange Range(int resource)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)resource, (uint)ResourceCount, nameof(resource));
        return ref resources[resource];
    }

    private readonly record struct ResourceRange(AccessMode Mode, int FirstSegment, int SegmentCount);
}
