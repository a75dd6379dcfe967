// What POST /v1/explain is asked: about resources, or about a request. Resources are read as those of a lock are, so
// that the same limits and sentences hold.
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Queries;

/// <summary>A query.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">About this request, if not about resources.</param>
/// <param name="Resources">About these resources.</param>
internal sealed record ExplainParameters(byte[] Namespace, ulong Id, ResourceSet? Resources)
{
    /// <summary>Reads a query; the body tells what is wrong with it.</summary>
    public static ExplainParameters Read(RequestBody body, ConnectionRules rules)
    {
        var space = body.Namespace(rules.MessageLimits);
        if (body.Has("resources") == body.Has("id"))
        {
            return body.AddError(
                "Ask about \"resources\", as a lock has them, or about the \"id\" of a request.",
                new ExplainParameters(space, 0, null)
            );
        }

        return body.Has("id")
            ? new ExplainParameters(space, body.Id(), null)
            : new ExplainParameters(space, 0, ReadResources(body, rules));
    }

    private static ResourceSet? ReadResources(RequestBody body, ConnectionRules rules) =>
        ProtocolMapper.ParseResources(rules.Parser, body.Raw("resources"), out var resources) is { } error
            ? body.AddError(error, (ResourceSet?)null)
            : resources;
}
