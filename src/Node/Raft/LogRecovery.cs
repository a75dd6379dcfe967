// Where the log ends, found out before the library opens it. The library believes its checkpoint, which has no checksum: set back by damage
// it would silently forget entries, set forward it would apply what nobody committed. So at every start
//   - the end is what the entries themselves say: from the checkpoint on, every entry whose checksum holds, which lies behind the one before and
//     whose term is not smaller, belongs to the log (flushed before a crash, if not acknowledged);
//   - a mark of a cut ends it before the mark (see CutMark);
//   - it may end long after what the checkpoint says, which is not flushed while the node runs (see QuietCheckpoint);
//   - what the checkpoint did not know of is written to disk once more before it is believed: the process that wrote it was killed before the write
//     had returned, and what can be read may be in the page cache only;
//   - nothing is left behind the end, so that no later start can take an old tail for a continuation: within a run, what is appended lies behind
//     everything appended before, so an entry of an old tail always lies before the new ones;
//   - the commit index starts at the snapshot, as the Raft paper has it (figure 2: volatile); the leader tells the rest.
//
//   checkpoint: version 4 | commit index 8 | last index 8
//   metadata, 64 bytes an entry in files of 4096: term 8 | length 8 | address 8 | flags 4 | id 4 | XxHash3 of contents and these, 8
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft;

internal sealed class LogRecovery(string directory, int chunkSize)
{
    private const string CheckpointName = "checkpoint";
    private const int CheckpointVersion = 1;
    private const int CheckpointBytes = 4 + 8 + 8;
    private const int PageBytes = 4096;
    private const int SlotBytes = 64;
    private const int MetadataBytes = 32;
    private const int SlotsInPage = PageBytes / SlotBytes;

    private readonly string checkpointFile = Path.Combine(directory, CheckpointName);
    private readonly byte[] page = new byte[PageBytes];
    private readonly byte[] contents = new byte[1 << 16];
    private long loadedPage = -1;

    /// <summary>Writes where a log ends, and up to where it is known to be committed.</summary>
    public static void WriteCheckpoint(string directory, long committed, long last)
    {
        var bytes = new byte[CheckpointBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, CheckpointVersion);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), committed);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), last);
        DurableFile.Replace(Path.Combine(directory, CheckpointName), stream => stream.Write(bytes));
    }

    /// <summary>Makes the log's files say what they can vouch for.</summary>
    /// <param name="mark">Where a cut was under way, if any; struck out in the end.</param>
    /// <param name="snapshotIndex">The newest snapshot's; 0 if none.</param>
    /// <param name="snapshotTerm">Its term.</param>
    /// <returns>What the checkpoint said was the last index, and what it is.</returns>
    /// <exception cref="DamagedDataException">The checkpoint or the mark is damaged.</exception>
    /// <exception cref="WrongDataDirectoryException">The mark was written by a newer version.</exception>
    public (long Said, long Last) Recover(CutMark mark, long snapshotIndex, long snapshotTerm)
    {
        if (!Directory.Exists(directory))
        {
            return (0, 0);
        }

        mark.Load();
        var said = ReadCheckpoint();
        var limit = mark.Index is { } cut ? Math.Max(cut - 1, snapshotIndex) : long.MaxValue;
        var from = Math.Min(Math.Max(said, snapshotIndex), limit);
        var last = RollForward(from, from == snapshotIndex ? snapshotTerm : null, limit);
        WriteBack(from + 1, last);
        EraseBehind(last);
        WriteCheckpoint(directory, snapshotIndex, last);
        if (mark.Index is not null)
        {
            mark.Clear();
        }

        return (said, last);
    }

    private long ReadCheckpoint()
    {
        var bytes = File.Exists(checkpointFile) ? File.ReadAllBytes(checkpointFile) : [];
        if (bytes.Length == 0)
        {
            // Not written before the first flush.
            return 0;
        }

        var last = bytes.Length < CheckpointBytes ? -1 : BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(12));
        return last < 0 || BinaryPrimitives.ReadInt32LittleEndian(bytes) != CheckpointVersion
            ? throw new DamagedDataException($"The log's checkpoint, {checkpointFile}, is damaged.")
            : last;
    }

    /// <summary>The last of the whole entries that follow an index.</summary>
    /// <param name="last">The index.</param>
    /// <param name="snapshotTerm">The snapshot's term, if it stands for the entry of that index. One that a leader sent may cover an entry that
    /// this log never had, and then what the slot holds is another's.</param>
    /// <param name="limit">No further than this.</param>
    private long RollForward(long last, long? snapshotTerm, long limit)
    {
        using var data = new DataFiles(Path.Combine(directory, "data"));
        var before = Slot(last);
        var isKnown = !IsEmpty(before) && (snapshotTerm is null || Term(before) == snapshotTerm);
        var term = snapshotTerm ?? Term(before);
        var end = isKnown ? Address(before) + (ulong)Length(before) : 0;
        while (last < limit)
        {
            var next = Slot(last + 1);
            if (IsEmpty(next) || Term(next) < term || Address(next) < end || !HasItsChecksum(next, data))
            {
                return last;
            }

            (term, end) = (Term(next), Address(next) + (ulong)Length(next));
            last++;
        }

        return last;
    }

    private void WriteBack(long first, long last)
    {
        if (first > last)
        {
            return;
        }

        var (address, end) = (Address(Slot(first)), Address(Slot(last)) + (ulong)Length(Slot(last)));
        while (address < end)
        {
            var (number, offset) = (address / (uint)chunkSize, (long)(address % (uint)chunkSize));
            var length = Math.Min((long)(end - address), chunkSize - offset);
            DurableFile.WriteBack(Path.Combine(directory, "data", number.ToString(CultureInfo.InvariantCulture)), offset, length);
            address += (ulong)length;
        }

        for (var number = first / SlotsInPage; number <= last / SlotsInPage; number++)
        {
            DurableFile.WriteBack(PathOf(number));
        }
    }

    private bool HasItsChecksum(ReadOnlySpan<byte> slot, DataFiles data)
    {
        var (address, left) = (Address(slot), Length(slot));
        if (left < 0)
        {
            return false;
        }

        var hash = new XxHash3();
        while (left > 0)
        {
            var (number, offset) = (address / (uint)chunkSize, (long)(address % (uint)chunkSize));
            var wanted = contents.AsSpan(0, (int)Math.Min(Math.Min(left, contents.Length), chunkSize - offset));
            if (!data.TryRead(number, offset, wanted))
            {
                return false;
            }

            hash.Append(wanted);
            address += (uint)wanted.Length;
            left -= wanted.Length;
        }

        hash.Append(slot[..MetadataBytes]);
        return slot.Slice(MetadataBytes, sizeof(ulong)).SequenceEqual(hash.GetCurrentHash());
    }

    private void EraseBehind(long last)
    {
        var metadata = Path.Combine(directory, "metadata");
        if (!Directory.Exists(metadata))
        {
            return;
        }

        var (firstPage, offset) = Math.DivRem(last + 1, SlotsInPage);
        foreach (var path in Directory.EnumerateFiles(metadata))
        {
            if (long.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) && number > firstPage)
            {
                File.Delete(path);
            }
        }

        Load(firstPage);
        var behind = page.AsSpan((int)offset * SlotBytes);
        if (behind.ContainsAnyExcept((byte)0))
        {
            behind.Clear();
            DurableFile.Replace(PathOf(firstPage), stream => stream.Write(page));
        }

        DurableFile.FlushDirectory(metadata);
    }

    private ReadOnlySpan<byte> Slot(long index)
    {
        var (number, offset) = Math.DivRem(index, SlotsInPage);
        Load(number);
        return page.AsSpan((int)offset * SlotBytes, SlotBytes);
    }

    private void Load(long number)
    {
        if (loadedPage == number)
        {
            return;
        }

        Array.Clear(page);
        if (File.Exists(PathOf(number)))
        {
            using var file = File.OpenHandle(PathOf(number));
            RandomAccess.Read(file, page, 0);
        }

        loadedPage = number;
    }

    private string PathOf(long number) => Path.Combine(directory, "metadata", number.ToString(CultureInfo.InvariantCulture));

    private static bool IsEmpty(ReadOnlySpan<byte> slot) => !slot.ContainsAnyExcept((byte)0);

    private static long Term(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadInt64LittleEndian(slot);

    private static long Length(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadInt64LittleEndian(slot[8..]);

    private static ulong Address(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadUInt64LittleEndian(slot[16..]);

    /// <summary>The files with the entries' contents; one after the other is read, so one is kept open.</summary>
    private sealed class DataFiles(string directory) : IDisposable
    {
        private SafeFileHandle? file;
        private ulong openNumber;

        public bool TryRead(ulong number, long offset, Span<byte> into)
        {
            if (file is null || openNumber != number)
            {
                Dispose();
                var path = Path.Combine(directory, number.ToString(CultureInfo.InvariantCulture));
                file = File.Exists(path) ? File.OpenHandle(path) : null;
                openNumber = number;
            }

            return file is not null && RandomAccess.Read(file, into, offset) == into.Length;
        }

        public void Dispose()
        {
            file?.Dispose();
            file = null;
        }
    }
}
