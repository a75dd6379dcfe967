// Up to where a segment is committed. FasterLog's own commit manager makes a file for each commit, and hides it when
// that fails; this one writes two slots of one file in turn, each with its checksum, so that one is always whole, and
// remembers a failure. A slot:
//
// magic "RLJC" | version 2 | length 2 | commit number 8 | FasterLog's metadata … | CRC-32C 4, at the end of its 512
// bytes
using System.Buffers.Binary;
using FASTER.core;
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.Journal;

internal sealed class CommitFile(string path) : ILogCommitManager
{
    private const uint Magic = 0x434A4C52;
    internal const short Version = 1;
    private const int SlotBytes = 512;
    private const int HeaderBytes = 16;

    private readonly byte[] slot = new byte[SlotBytes];
    private FileStream? file;

    /// <summary>Why the last commit was not written, if it was not.</summary>
    public Exception? Failure { get; private set; }

    public void Commit(
        long beginAddress,
        long untilAddress,
        byte[] commitMetadata,
        long commitNum,
        bool forceWriteMetadata
    )
    {
        try
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(
                commitMetadata.Length,
                SlotBytes - HeaderBytes - 4,
                nameof(commitMetadata)
            );
            file ??= new FileStream(
                path,
                FileMode.OpenOrCreate,
                FileAccess.Write,
                FileShare.ReadWrite,
                0,
                FileOptions.WriteThrough
            );
            Array.Clear(slot);
            BinaryPrimitives.WriteUInt32LittleEndian(slot, Magic);
            BinaryPrimitives.WriteInt16LittleEndian(slot.AsSpan(4), Version);
            BinaryPrimitives.WriteInt16LittleEndian(slot.AsSpan(6), (short)commitMetadata.Length);
            BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(8), commitNum);
            commitMetadata.CopyTo(slot, HeaderBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(
                slot.AsSpan(SlotBytes - 4),
                Crc32C.Of(slot.AsSpan(0, SlotBytes - 4))
            );
            RandomAccess.Write(file.SafeFileHandle, slot, (commitNum & 1) * SlotBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // FasterLog calls this on its own thread, which would swallow the exception.
            Failure = e;
        }
    }

    public byte[]? GetCommitMetadata(long commitNum) =>
        ReadSlots().FirstOrDefault(found => found.Number == commitNum).Metadata;

    public IEnumerable<long> ListCommits() => ReadSlots().Select(found => found.Number).OrderDescending();

    /// <summary>Whether anything was ever written to a commit file: if so, it should hold a commit.</summary>
    public static bool HasContents(string path) =>
        File.Exists(path) && File.ReadAllBytes(path).AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>The version of a commit file that a newer version of RaftLocks wrote; 0 for any other.</summary>
    public static int NewerVersion(string path)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var newest = 0;
        for (var at = 0; at + SlotBytes <= bytes.Length; at += SlotBytes)
        {
            var candidate = bytes.AsSpan(at, SlotBytes);
            if (
                BinaryPrimitives.ReadUInt32LittleEndian(candidate) == Magic
                && Crc32C.Of(candidate[..^4]) == BinaryPrimitives.ReadUInt32LittleEndian(candidate[^4..])
            )
            {
                newest = Math.Max(newest, BinaryPrimitives.ReadInt16LittleEndian(candidate[4..]));
            }
        }

        return newest > Version ? newest : 0;
    }

    public void OnRecovery(long commitNum) { }

    public void RemoveCommit(long commitNum) { }

    public void RemoveAllCommits() { }

    public void Dispose() => file?.Dispose();

    private List<(long Number, byte[] Metadata)> ReadSlots()
    {
        var found = new List<(long, byte[])>();
        if (!File.Exists(path))
        {
            return found;
        }

        using var reader = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            0
        );
        var bytes = new byte[SlotBytes * 2];
        var there = reader.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        for (var at = 0; at + SlotBytes <= there; at += SlotBytes)
        {
            var candidate = bytes.AsSpan(at, SlotBytes);
            var length = BinaryPrimitives.ReadInt16LittleEndian(candidate[6..]);
            if (
                BinaryPrimitives.ReadUInt32LittleEndian(candidate) == Magic
                && BinaryPrimitives.ReadInt16LittleEndian(candidate[4..]) == Version
                && length is >= 0 and <= SlotBytes - HeaderBytes - 4
                && Crc32C.Of(candidate[..^4]) == BinaryPrimitives.ReadUInt32LittleEndian(candidate[^4..])
            )
            {
                found.Add(
                    (
                        BinaryPrimitives.ReadInt64LittleEndian(candidate[8..]),
                        candidate.Slice(HeaderBytes, length).ToArray()
                    )
                );
            }
        }

        return found;
    }
}
