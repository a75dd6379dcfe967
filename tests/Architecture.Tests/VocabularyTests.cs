// Which words are known in which room of the node: the table in docs/architecture.md. A room that knows too much is how
// layers grow together, so these tests read the sources for the namespaces they mention.
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

public partial class VocabularyTests
{
    private const string ProtocolMapper = "src/Node/Sessions/ProtocolMapper.cs";
    private const string Transport = "src/Node/Raft/Transport/";

    [Fact]
    public void Only_the_translation_knows_both_the_wires_words_and_the_state_machines()
    {
        var both = Mentioning("src/Node", "RaftLocks.Protocol")
            .Intersect(Mentioning("src/Node", "RaftLocks.StateMachine"), StringComparer.Ordinal);

        Assert.True(
            both.All(path => string.Equals(path, ProtocolMapper, StringComparison.Ordinal)),
            $"""
            Only {ProtocolMapper} may use both RaftLocks.Protocol (the words of the wire) and RaftLocks.StateMachine (those of commands and events):
            what a message means as a command, and an event as a reply, stands in one place. Move the translation there, and hand the other
            file the side it needs. Files that use both: {string.Join(", ", both)}
            """
        );
    }

    [Fact]
    public void No_global_using_hides_a_vocabulary() =>
        Assert.All(
            SourceTree.Projects("src"),
            project =>
                Assert.DoesNotContain(project.Usings, name => name.StartsWith("RaftLocks.", StringComparison.Ordinal))
        );

    [Theory]
    [InlineData("RaftLocks.Api")]
    [InlineData("RaftLocks.Protocol")]
    [InlineData("System.Net.WebSockets")]
    [InlineData("Microsoft.AspNetCore")]
    public void The_replication_knows_nothing_of_clients(string vocabulary) =>
        Assert.DoesNotContain(
            Mentioning("src/Node/Raft", vocabulary),
            path => !path.StartsWith(Transport, StringComparison.Ordinal)
        );

    // The Raft library wants its connections in the web server's words for a connection: those, and no others.
    [Fact]
    public void The_transport_knows_the_web_servers_words_for_a_connection_only()
    {
        var words = SourceTree
            .Files(Transport, ".cs")
            .SelectMany(file => WebServerWords().Matches(new SourceText(file.Text).Code));

        Assert.NotEmpty(words);
        Assert.All(
            words,
            word =>
                Assert.Contains(
                    word.Value,
                    new[] { "Microsoft.AspNetCore.Connections", "Microsoft.AspNetCore.Http.Features" }
                )
        );
    }

    // Its middleware that redirects handshakes is named where it is put into the pipeline.
    [Fact]
    public void Only_the_replication_knows_the_Raft_library() =>
        Assert.All(
            Mentioning("src", "DotNext"),
            path =>
                Assert.True(
                    path.StartsWith("src/Node/Raft/", StringComparison.Ordinal)
                        || path is "src/Node/Routing/LeaderRedirect.cs",
                    path
                )
        );

    // Bounds, redirects and who may be told the admin token are thought of once. (The client's library depends on
    // nothing, and asks for its own health check without a token. The issuer of JWTs is no node.)
    [Fact]
    public void Only_the_client_of_the_HTTP_API_asks_over_HTTP() =>
        Assert.All(
            Mentioning("src", "HttpClient"),
            path =>
                Assert.True(
                    path.StartsWith("src/Api/Client/", StringComparison.Ordinal)
                        || path.StartsWith("src/Client/", StringComparison.Ordinal)
                        || path is "src/Node/Http/HealthCheckCommand.cs" or "src/Node/Auth/IssuerKeys.cs",
                    path
                )
        );

    [Fact]
    public void Only_the_HTTP_API_says_how_its_records_become_JSON() =>
        Assert.Equal(["src/Api/Contracts/ApiJson.cs"], Mentioning("src", "JsonSerializerContext"));

    // The proof that the queues worked must not be made by the queues.
    [Theory]
    [InlineData("LockTree")]
    [InlineData("ModeList")]
    [InlineData("PathNode", "src/Ledger/Proof/")]
    [InlineData("KeyedTable")]
    [InlineData("LiveRequests")]
    [InlineData("LockStateMachine", "src/Ledger/RecordItemWriter.cs")]
    public void The_proof_does_without_the_queues(string part, string allowed = "nowhere") =>
        Assert.All(
            Mentioning("src/Ledger", part).Concat(Mentioning("src/Journal", part)),
            path => Assert.StartsWith(allowed, path, StringComparison.Ordinal)
        );

    [Theory]
    [InlineData("using RaftLocks.Protocol;", true)]
    [InlineData("    var x = RaftLocks.Protocol.Replies.MaxBytes;", true)]
    [InlineData("using static RaftLocks.Protocol.Replies;", true)]
    [InlineData("// as RaftLocks.Protocol says", false)]
    [InlineData("filter.Add(\"RaftLocks.Protocol\");", false)]
    [InlineData("using RaftLocks.ProtocolX;", false)]
    [InlineData("    var x = Protocol.Replies.MaxBytes;", true)]
    [InlineData("using Replies = Protocol.Replies;", true)]
    [InlineData("    var x = request.Protocol.Length;", false)]
    public void The_search_itself(string line, bool mentioned) =>
        Assert.Equal(mentioned, Mentions("namespace RaftLocks.Node.Sessions;\n" + line, "RaftLocks.Protocol"));

    private static string[] Mentioning(string folder, string vocabulary) =>
        [.. SourceTree.Files(folder, ".cs").Where(file => Mentions(file.Text, vocabulary)).Select(file => file.Path)];

    private static bool Mentions(string text, string vocabulary) => new SourceText(text).Names(vocabulary);

    [GeneratedRegex(@"\bMicrosoft\.AspNetCore(\.\w+)*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WebServerWords();
}
