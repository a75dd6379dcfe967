// What a node says when it is ready: where it is, and how to take a first lock.
using RaftLocks.Dashboard;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Endpoints;

internal static class ReadyText
{
    /// <summary>Makes the text for a person who has just started a node.</summary>
    public static string For(NodeSettings settings, IReadOnlyList<string> listensOn)
    {
        var http =
            listensOn.Count > 0 ? listensOn[0].TrimEnd('/') : settings.Self.ClientUrl.GetLeftPart(UriPartial.Authority);
        var webSocket = "ws" + http["http".Length..];
        var cluster = settings.Members.Count == 1 ? "a cluster of one" : $"one of {settings.Members.Count} nodes";
        return $$"""
            RaftLocks {{ProductVersion.Text}}: node {{settings.Name}} is ready ({{cluster}}), data in {{settings.DataDirectory}}
              Look at it:  {{http}}{{(settings.Dashboard ? DashboardHost.Path : "")}}/
              Take a lock: npx wscat -L -c "{{webSocket}}/v1?namespace=demo"
                then paste  {"action":"lock","resources":[{"type":"write","path":["orders","42"]}]}
                and         {"action":"release"}
              Settings:    raftlocks-node --help
            """;
    }
}
