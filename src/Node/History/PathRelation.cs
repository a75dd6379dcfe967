// The relation of a locked path to the path of a query.
using RaftLocks.Node.Http;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.History;

internal static class PathRelation
{
    /// <summary>Whether one of the resources has the wanted relation to the path.</summary>
    public static bool Touches(byte[][] path, PathScope scope, ResourceSet.Enumerator resources)
    {
        while (resources.MoveNext())
        {
            if ((Of(path, resources.Current) & scope) != PathScope.None)
            {
                return true;
            }
        }

        return false;
    }

    private static PathScope Of(byte[][] path, in ResourceView resource)
    {
        var depth = 0;
        foreach (var segment in resource)
        {
            if (depth == path.Length)
            {
                return PathScope.Beneath;
            }

            if (!segment.SequenceEqual(path[depth]))
            {
                return PathScope.None;
            }

            depth++;
        }

        return depth == path.Length ? PathScope.Itself : PathScope.Above;
    }
}
