// What is handed on to the library, and what is refused before it.
using System.Net;
using RaftLocks.Node.Raft.Transport;
using static RaftLocks.Node.Tests.Raft.RaftMessages;

namespace RaftLocks.Node.Tests.Raft;

public sealed class RequestGuardTests
{
    private static readonly IPEndPoint Second = new(IPAddress.Loopback, 7010);
    private static readonly DnsEndPoint Third = new("n3", 7009);
    private readonly ScriptedAdmission admission = new() { Members = { [Second] = "n2", [Third] = "n3" } };

    public static TheoryData<string, byte[]> Good =>
        new()
        {
            { "vote", Vote(Second, 6, 10, 5) },
            { "pre-vote", Vote(Third, 6, 10, 5, isPreVote: true) },
            { "heartbeat", Append(Second, 5, 10, 5, 9) },
            { "entries", [.. Append(Second, 5, 10, 5, 9, 2), .. Entry(5, Text("one")), .. Entry(5, default)] },
            {
                "an entry in three frames",
                [
                    .. Append(Second, 5, 10, 5, 9, 1),
                    .. Head(5, 0, 6),
                    .. Frame(Text("one"), isLast: false),
                    .. Frame(default, isLast: false),
                    .. Frame(Text("two")),
                ]
            },
            { "metadata", [RequestFormat.Metadata] },
        };

    public static TheoryData<string, byte[], string> Bad =>
        new()
        {
            { "resign", [2], "kind 2" },
            { "the library's own configuration", [8], "kind 8" },
            { "nothing known", [0xFF, 1, 2], "kind 255" },
            { "vote from nobody", Vote(Nobody, 6, 10, 5), "no member" },
            { "pre-vote from nobody", Vote(Nobody, 6, 10, 5, isPreVote: true), "no member" },
            { "entries from nobody", Append(Nobody, 5), "no member" },
            { "snapshot from nobody", Install(Nobody, 5, 10, 9, Text("a"), Text("b")), "no member" },
            { "round for nobody", Synchronize(1), "not said who" },
            { "the greatest term", Append(Second, long.MaxValue), "too far beyond" },
            { "a term too far", Append(Second, 6 + TransportLimits.MaxTermJump), "too far beyond" },
            { "a negative term", Append(Second, -1), "impossible" },
            { "a negative index", Append(Second, 5, -1), "impossible" },
            { "a last term beyond the term", Vote(Second, 6, 10, 7), "impossible" },
            { "a negative count", Append(Second, 5, count: -1), "impossible" },
            { "a negative commit index", Append(Second, 5, commit: -1), "impossible" },
            { "a garbage entry", [.. Append(Second, 5, count: 1), .. Entry(5, Text("garbage"))], "damaged" },
            {
                "garbage in two frames",
                [
                    .. Append(Second, 5, count: 1),
                    .. Head(5, 0, 7),
                    .. Frame(Text("garb"), isLast: false),
                    .. Frame(Text("age")),
                ],
                "damaged"
            },
            {
                "an entry of a later term",
                [.. Append(Second, 5, count: 1), .. Entry(6, Text("a"))],
                "impossible entry"
            },
            {
                "a snapshot among entries",
                [.. Append(Second, 5, count: 1), .. Entry(5, Text("a"), 2)],
                "impossible entry"
            },
            { "an unknown flag", [.. Append(Second, 5, count: 1), .. Entry(5, Text("a"), 64)], "impossible entry" },
            { "an entry of no length", [.. Append(Second, 5, count: 1), .. Head(5, 0, -1)], "impossible entry" },
            {
                "an entry of any length",
                [.. Append(Second, 5, count: 1), .. Head(5, 0, long.MaxValue)],
                "bytes from n2"
            },
            {
                "a longer entry than it says",
                [.. Append(Second, 5, count: 1), .. Head(5, 0, 3), .. Frame(Text("four"))],
                "longer"
            },
            {
                "a shorter entry than it says",
                [.. Append(Second, 5, count: 1), .. Head(5, 0, 5), .. Frame(Text("four"))],
                "shorter"
            },
            { "bytes behind the last entry", [.. Append(Second, 5), 0], "more bytes|kind 0" },
            { "bytes behind a vote", [.. Vote(Second, 6, 10, 5), 0], "more bytes|kind 0" },
            { "a snapshot of index 0", Install(Second, 5, 0, 9, Text("a"), Text("b")), "impossible snapshot" },
            { "garbage for members", Install(Second, 5, 10, 9, Text("garbage"), Text("b")), "damaged" },
            {
                "members without end",
                Install(Second, 5, 10, 9, new byte[TransportLimits.MaxMembersBytes + 1], Text("b")),
                "list of members of"
            },
            { "bytes behind a snapshot", [.. Install(Second, 5, 10, 9, Text("a"), Text("b")), 0], "more bytes|kind 0" },
        };

    [Theory]
    [MemberData(nameof(Good))]
    public void What_a_member_sends_is_handed_on_when_it_is_whole(string what, byte[] request)
    {
        var guard = new RequestGuard(admission, names: null);

        // Twice: after one request comes the next.
        for (var round = 0; round < 2; round++)
        {
            for (var length = 1; length < request.Length; length++)
            {
                Assert.False(guard.Check(request.AsSpan(0, length)), what);
            }

            Assert.True(guard.Check(request), what);
        }
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_no_member_sends_is_refused_however_it_arrives(string what, byte[] request, string reason)
    {
        foreach (var piece in new[] { 1, 7, 64, request.Length })
        {
            var guard = new RequestGuard(admission, names: null);
            var refused = Assert.Throws<RefusedException>(() => SendInPieces(guard, request, piece));
            Assert.Matches(reason, refused.Message);
        }

        Assert.NotEmpty(what);
    }

    [Fact]
    public void A_snapshot_is_handed_on_as_it_comes_behind_its_members()
    {
        var request = Install(Second, 5, 10, 9, Text("members"), new byte[1000]);
        var guard = new RequestGuard(admission, names: null);
        var membersEnd = request.Length - 1000 - RequestFormat.FrameHeadBytes;
        Assert.False(guard.Check(request.AsSpan(0, membersEnd - 1)));
        Assert.True(guard.Check(request.AsSpan(0, membersEnd)));
        Assert.True(guard.IsInSnapshot);
        guard.Follow(request.AsSpan(membersEnd, 500));
        Assert.True(guard.IsInSnapshot);
        guard.Follow(request.AsSpan(membersEnd + 500));
        Assert.False(guard.IsInSnapshot);
        Assert.True(guard.Check(Append(Second, 5)));
    }

    [Fact]
    public void A_member_asks_for_a_round_when_it_has_said_who_it_is()
    {
        var guard = new RequestGuard(admission, names: null);
        Assert.True(guard.Check(Append(Second, 5)));
        Assert.True(guard.Check(Synchronize(1)));
        Assert.Equal("n2", guard.Sender);
    }

    [Fact]
    public void With_a_certificate_a_member_speaks_in_its_own_name_only()
    {
        var guard = new RequestGuard(admission, ["N2", "n2.example.com"]);
        Assert.True(guard.Check(Append(Second, 5)));
        var refused = Assert.Throws<RefusedException>(() => guard.Check(Append(Third, 5)));
        Assert.Contains("in the name of n3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_was_away_for_long_takes_the_term_of_the_others()
    {
        var guard = new RequestGuard(admission, names: null);
        Assert.True(guard.Check(Append(Second, admission.Term + TransportLimits.MaxTermJump)));
    }

    private static void SendInPieces(RequestGuard guard, byte[] request, int piece)
    {
        var begun = 0;
        for (var sent = 0; sent < request.Length; sent += piece)
        {
            var count = Math.Min(piece, request.Length - sent);
            if (guard.IsInSnapshot)
            {
                guard.Follow(request.AsSpan(sent, count));
                begun = sent + count;
            }
            else if (guard.Check(request.AsSpan(begun, sent + count - begun)))
            {
                begun = sent + count;
            }
        }
    }
}
