// What POST /v1/explain is asked: about resources, or about a request. Resources are read as those of a lock are, so that the same limits and sentences hold.
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Queries;

/// <summary>A question.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">About this request, if not about resources.</param>
/// <param name="Resources">About these resources.</param>
internal sealed record ExplainQuestion(byte[] Namespace, ulong Id, ResourceSet? Resources)
{
    /// <summary>Reads a question; the body tells what is wrong with it.</summary>
    public static ExplainQuestion Read(QuestionBody body, ConnectionRules rules)
    {
        var space = body.Namespace(rules.MessageLimits);
        if (body.Has("resources") == body.Has("id"))
        {
            return body.Wrong("Ask about \"resources\", as a lock has them, or about the \"id\" of a request.", new ExplainQuestion(space, 0, null));
        }

        return body.Has("id") ? new ExplainQuestion(space, body.Id(), null) : new ExplainQuestion(space, 0, ReadResources(body, rules));
    }

    private static ResourceSet? ReadResources(QuestionBody body, ConnectionRules rules) =>
        Translation.TryResources(rules.Parser, body.Raw("resources"), out var mistake) ?? body.Wrong(mistake!, (ResourceSet?)null);
}
