// What a node rarely says, as JSON: gaps and losses of the history, alarms, differing replicas, members of a log that
// is not applied.
using System.Text.Json;

namespace RaftLocks.Api.Tests;

public class GoldenRecordTests
{
    private static readonly NodeMember Member = new("n1", "10.0.0.1", 7009, "http://a/", "http://b/", "00ff");

    [Fact]
    public void A_gap_and_a_loss_of_the_history()
    {
        Assert.Equal(
            """{"afterIndex":3,"index":7,"reason":"the disk was full"}""",
            JsonSerializer.Serialize(new HistoryGap(3, 7, "the disk was full"), ApiJson.Default.HistoryGap)
        );
        Assert.Equal(
            """{"count":9,"after":"12-3","reason":"slow"}""",
            JsonSerializer.Serialize(new HistoryLoss(9, "12-3", "slow"), ApiJson.Default.HistoryLoss)
        );
    }

    [Fact]
    public void A_node_whose_newest_members_are_not_applied() =>
        Assert.Equal(
            """
            {"name":"n1","incarnation":"00ff","phase":"member","membersIndex":4,"supportedFeatureLevel":2,"members":[],
            "logMembers":[{"name":"n1","raftHost":"10.0.0.1","raftPort":7009,
            "clientUrl":"http://a/","internalUrl":"http://b/","incarnation":"00ff"}],
            "version":"1.2.3","commit":"0a1b","snapshotVersion":3,"addingMember":"n4"}
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(
                new NodeResponse("n1", "00ff", NodePhase.Member, 4, 2, [])
                {
                    LogMembers = [Member],
                    Version = "1.2.3",
                    Commit = "0a1b",
                    SnapshotVersion = 3,
                    AddingMember = "n4",
                },
                ApiJson.Default.NodeResponse
            )
        );

    [Fact]
    public void A_cluster_with_everything_in_it() =>
        Assert.Equal(
            """
            {"name":"n1","version":"1.2.3","role":"follower","term":4,"leader":"n2",
            "members":[{"name":"n1","raftAddress":"10.0.0.1:7009","clientUrl":"http://a","internalUrl":"http://b"}],
            "commitIndex":5,"appliedIndex":6,"lastIndex":7,"digests":[{"index":64,"digest":"d","ledger":"e"}],
            "ledger":{"index":6,"position":8,"ledger":"f"},"featureLevel":2,"live":9,"namespaces":10,"connections":11,
            "journal":{"state":"stopped","reason":"full","position":1,"index":2,
            "bytes":3,"segments":4,"queuedBytes":5,"leftOut":6,"gaps":7},
            "replicas":[{"name":"n2","comparedIndex":12,"differsAt":13}],"alarms":["the disk is full"],
            "digestVersion":1,"recentDigests":[{"index":6,"digest":"g","ledger":"h"}]}
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(
                new ClusterResponse(
                    "n1",
                    "1.2.3",
                    "follower",
                    4,
                    "n2",
                    [new ClusterMember("n1", "10.0.0.1:7009", "http://a", "http://b")],
                    5,
                    6,
                    7,
                    [new DigestInfo(64, "d", "e")],
                    new LedgerInfo(6, 8, "f"),
                    2,
                    9,
                    10,
                    11,
                    new JournalInfo("stopped", "full", 1, 2, 3, 4, 5, 6, 7),
                    [new ReplicaInfo("n2", 12, 13)],
                    ["the disk is full"]
                )
                {
                    DigestVersion = 1,
                    RecentDigests = [new DigestInfo(6, "g", "h")],
                },
                ApiJson.Default.ClusterResponse
            )
        );

    [Fact]
    public void What_is_null_is_left_out_but_for_the_leader_the_log_s_members_and_whom_to_add()
    {
        Assert.Equal(
            """{"index":3,"leader":null,"members":[]}""",
            JsonSerializer.Serialize(new MembersResponse(3, null, []), ApiJson.Default.MembersResponse)
        );
        Assert.Equal(
            """{"member":null}""",
            JsonSerializer.Serialize(new AddMemberRequest(null), ApiJson.Default.AddMemberRequest)
        );
        Assert.Equal(
            """{"index":3,"requests":[],"more":false}""",
            JsonSerializer.Serialize(new LocksResponse(3, [], More: false, null), ApiJson.Default.LocksResponse)
        );
    }

    [Fact]
    public void An_answer_of_an_older_build_is_read_without_what_it_lacks()
    {
        var cluster = JsonSerializer.Deserialize(
            """{"name":"n1","role":"leader","unheardOf":1}""",
            ApiJson.Default.ClusterResponse
        )!;
        var locks = JsonSerializer.Deserialize(
            """{"requests":[{"id":"7","state":"acquired","resources":[]}]}""",
            ApiJson.Default.LocksResponse
        )!;
        var request = locks.Requests[0];

        Assert.Equal(("leader", null, null), (cluster.Role, cluster.Members, cluster.Alarms));
        Assert.Equal((true, true, null), (request.IsHeld, request.Connected, request.Place));
    }
}
