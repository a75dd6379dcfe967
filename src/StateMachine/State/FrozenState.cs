// The state as it stood, taken in microseconds whatever its size, that can be written as a snapshot on another thread
// while apply goes on. The format of a snapshot stands in Codec/StateFormat.cs.
using System.Buffers;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>A state that does not change any more.</summary>
public sealed class FrozenState
{
    private const int ChunkBytes = 1 << 16;

    private readonly FrozenList<LiveSlot> live;
    private readonly FrozenNamespaces namespaces;

    internal FrozenState(FrozenList<LiveSlot> live, FrozenNamespaces namespaces)
    {
        this.live = live;
        this.namespaces = namespaces;
    }

    /// <summary>Raft index of the last entry applied.</summary>
    public required long Index { get; init; }

    /// <summary>Its term.</summary>
    public required long Term { get; init; }

    internal long ClockMs { get; init; }

    internal int FeatureLevel { get; init; }

    /// <summary>The head of the ledger.</summary>
    public LedgerHead Ledger { get; init; }

    internal UInt128 Digest { get; init; }

    internal AuthState Auth { get; init; } = AuthState.Off;

    private int Version => StateFormat.VersionAt(FeatureLevel);

    /// <summary>
    /// Writes the snapshot. On any thread; takes 16 bytes of memory for each live request and 24 for each namespace.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> destination)
    {
        var requests = live.ToArray();
        Array.Sort(requests, static (a, b) => LockStateMachine.Compare(a.Request, b.Request));
        var spaces = namespaces.ToSortedList();
        var crc = Crc32C.Seed;
        var bytes = new ByteWriter(ChunkBytes * 2);
        WriteHeader(bytes, spaces.Count, requests.Length);
        var next = 0;
        foreach (var (name, lastId) in spaces)
        {
            var first = next;
            while (next < requests.Length && ReferenceEquals(requests[next].Request.Owner.Key, name))
            {
                next++;
            }

            bytes.Block(name);
            bytes.Varint(lastId);
            bytes.Varint((ulong)(next - first));
            for (var i = first; i < next; i++)
            {
                WriteRequest(bytes, requests[i].Request, requests[i].AcquiredAtMs);
                Drain(bytes, ChunkBytes, ref crc, destination);
            }

            Drain(bytes, ChunkBytes, ref crc, destination);
        }

        Drain(bytes, 0, ref crc, destination);
        bytes.UInt32(~crc);
        destination.Write(bytes.Written);
    }

    private void WriteRequest(ByteWriter bytes, LockRequest request, long granted)
    {
        bytes.Varint(request.Id);
        bytes.UInt128(request.Session.Value);
        bytes.Byte(request.Session.Resumable ? (byte)1 : (byte)0);
        bytes.Varint((ulong)request.AbandonTimeoutMs);
        bytes.Varint((ulong)(request.WaitLimitMs + 1));
        bytes.Int64(request.EnqueuedAtMs);
        bytes.Int64(granted);
        bytes.Block(request.BodyAt(Index, int.MaxValue));
        if (StateFormat.HasAuth(Version))
        {
            bytes.Block(request.Principal.Span);
        }
    }

    private static void Drain(ByteWriter bytes, int whenBeyond, ref uint crc, IBufferWriter<byte> destination)
    {
        if (bytes.Length > whenBeyond)
        {
            crc = Crc32C.Update(crc, bytes.Written);
            destination.Write(bytes.Written);
            bytes.Clear();
        }
    }

    private void WriteHeader(ByteWriter bytes, int spaceCount, int liveCount)
    {
        Span<byte> head = stackalloc byte[LedgerHash.Size];
        Ledger.Head.CopyTo(head);
        bytes.UInt32(StateFormat.Magic);
        bytes.Int32(Version);
        bytes.Int64(Index);
        bytes.Int64(Term);
        bytes.Int64(ClockMs);
        bytes.Int32(FeatureLevel);
        bytes.Raw(head);
        bytes.Int64(Ledger.Position);
        bytes.UInt128(Digest);
        bytes.Varint((ulong)spaceCount);
        bytes.Varint((ulong)liveCount);
        if (StateFormat.HasAuth(Version))
        {
            var auth = new ByteWriter();
            Auth.WriteTo(auth);
            bytes.Block(auth.Written);
        }
    }
}
