// The bytes of a list of members, in the log and on disk.
//
//   magic "RLMB" | version 4 | count 4 | members | CRC-32 4
// a member: name, Raft host, Raft port 4, client URL, internal URL, incarnation; a text is its length in bytes (4) and
// UTF-8
using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Membership;

internal static class MemberCodec
{
    private const uint Magic = 0x424D4C52;
    private const int Version = 1;
    private const int HeaderBytes = 4 + 4 + 4;
    private const int ChecksumBytes = 4;

    public static byte[] Encode(IReadOnlyList<Member> members)
    {
        var into = new ArrayBufferWriter<byte>();
        Write(into, unchecked((int)Magic));
        Write(into, Version);
        Write(into, members.Count);
        foreach (var member in members)
        {
            Write(into, member.Name);
            Write(into, member.RaftHost);
            Write(into, member.RaftPort);
            Write(into, member.ClientUrl.AbsoluteUri);
            Write(into, member.InternalUrl.AbsoluteUri);
            Write(into, member.Incarnation);
        }

        Write(into, unchecked((int)Crc32.HashToUInt32(into.WrittenSpan)));
        return into.WrittenSpan.ToArray();
    }

    /// <summary>Refuses a list of members that a newer version wrote; says nothing of other bytes.</summary>
    /// <exception cref="NewerDataException">A newer version wrote it.</exception>
    public static void CheckVersion(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Decode(bytes);
        }
        catch (InvalidDataException)
        {
            // Damaged: whoever needs it finds out.
        }
    }

    /// <summary>Reads a list of members.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    /// <exception cref="NewerDataException">A newer version wrote them.</exception>
    public static List<Member> Decode(ReadOnlySpan<byte> bytes)
    {
        if (
            bytes.Length < HeaderBytes + ChecksumBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumBytes..])
                != Crc32.HashToUInt32(bytes[..^ChecksumBytes])
        )
        {
            throw new InvalidDataException("The list of members is damaged.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (version != Version)
        {
            throw version > Version
                ? NewerDataException.Format("The list of members", version, Version)
                : new InvalidDataException($"The list of members has version {version}, which this node can't read.");
        }

        try
        {
            return ReadMembers(bytes[HeaderBytes..^ChecksumBytes], BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new InvalidDataException("The list of members is damaged.", e);
        }
    }

    private static List<Member> ReadMembers(ReadOnlySpan<byte> rest, int count)
    {
        var members = new List<Member>();
        for (var left = count; left > 0; left--)
        {
            members.Add(
                new Member(
                    ReadText(ref rest),
                    ReadText(ref rest),
                    ReadNumber(ref rest),
                    new Uri(ReadText(ref rest)),
                    new Uri(ReadText(ref rest))
                )
                {
                    Incarnation = ReadText(ref rest),
                }
            );
        }

        return members;
    }

    private static void Write(ArrayBufferWriter<byte> into, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(4), number);
        into.Advance(4);
    }

    private static void Write(ArrayBufferWriter<byte> into, string text)
    {
        Write(into, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, into);
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> rest)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(rest);
        rest = rest[4..];
        return number;
    }

    private static string ReadText(ref ReadOnlySpan<byte> rest)
    {
        var length = ReadNumber(ref rest);
        var text = Encoding.UTF8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }
}
