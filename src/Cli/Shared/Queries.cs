// Queries of the nodes' pages.
using System.Text.Json;
using RaftLocks.Client;

namespace RaftLocks.Cli.Shared;

internal static class Queries
{
    /// <summary>A page with those parameters that have a value.</summary>
    public static string Of(string page, params (string Name, string? Value)[] parameters)
    {
        var given = parameters.Where(parameter => !string.IsNullOrEmpty(parameter.Value)).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}").ToList();
        return given.Count == 0 ? page : $"{page}?{string.Join('&', given)}";
    }

    /// <summary>A path as the pages take every path: a JSON array of its segments.</summary>
    /// <exception cref="RaftLocksException">It is no path.</exception>
    public static string? Path(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Serialize(LockPath.Parse(text));
        }
        catch (FormatException e)
        {
            throw new RaftLocksException(e.Message, e);
        }
    }
}
