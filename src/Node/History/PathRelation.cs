// How a locked path lies to one that somebody asks about.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.History;

internal static class PathRelation
{
    /// <summary>Whether one of the resources lies to the path as is wanted.</summary>
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
