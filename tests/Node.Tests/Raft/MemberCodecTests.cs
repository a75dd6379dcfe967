// The bytes of a list of members are fixed, and damage is noticed.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Membership;

namespace RaftLocks.Node.Tests.Raft;

public class MemberCodecTests
{
    private const string Golden =
        "524C4D42010000000200000002000000"
        + "6E3109000000"
        + "3132372E302E302E31"
        + "611B0000"
        + "16000000"
        + "687474703A2F2F3132372E302E302E313A393030392F"
        + "16000000"
        + "687474703A2F2F3132372E302E302E313A393030392F"
        + "04000000"
        + "61626364"
        + "020000006E3207000000"
        + "6578616D706C65"
        + "621B0000"
        + "16000000"
        + "68747470733A2F2F6578616D706C652E6F72673A392F"
        + "0E000000"
        + "687474703A2F2F666173743A312F"
        + "00000000";

    private static readonly Member[] Two =
    [
        new("n1", "127.0.0.1", 7009, new Uri("http://127.0.0.1:9009"), new Uri("http://127.0.0.1:9009"))
        {
            Incarnation = "abcd",
        },
        new("n2", "example", 7010, new Uri("https://example.org:9"), new Uri("http://fast:1")),
    ];

    [Fact]
    public void The_first_version_is_read_and_written_for_ever()
    {
        var bytes = MemberCodec.Encode(Two);
        Assert.Equal(Golden, Convert.ToHexString(bytes.AsSpan(0, bytes.Length - 4)));
        Assert.Equal(Two, MemberCodec.Decode(bytes));
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_noticed()
    {
        var bytes = MemberCodec.Encode(Two);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<InvalidDataException>(() => MemberCodec.Decode(flipped));
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => MemberCodec.Decode(bytes.AsSpan(0, length)));
        }
    }
}
