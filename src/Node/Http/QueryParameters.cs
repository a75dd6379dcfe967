// The query parameters of a page, and the first error in them as a sentence.
using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Http;

internal class QueryParameters(IQueryCollection query)
{
    /// <summary>The parameter that carries a token, where a setting allows that; no page reads it.</summary>
    public const string AccessToken = "access_token";

    /// <summary>The first error, if any: a sentence.</summary>
    public string? Error { get; private set; }

    /// <summary>Everything else is an error.</summary>
    public void OnlyKnown(string[] known)
    {
        if (
            query.Keys.FirstOrDefault(name => name != AccessToken && !known.Contains(name, StringComparer.Ordinal)) is
            { } unknown
        )
        {
            AddError($"There is no parameter '{unknown}'; known are {string.Join(", ", known)}.");
        }
    }

    /// <summary>A parameter as it was given; null if it was not.</summary>
    public string? Text(string name)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return null;
        }

        if (values.Count != 1)
        {
            AddError($"'{name}' is given {values.Count} times: give it once.");
        }

        return values[0];
    }

    /// <summary>The namespace that must be given, UTF-8, read as a connection's is.</summary>
    public byte[] Namespace(string? rawQuery, MessageLimits limits) =>
        ConnectQuery.ParseNamespace(rawQuery, limits, out var name) is { } error ? AddError<byte[]>(error, []) : name;

    /// <summary>The number of a request.</summary>
    public ulong Id(string name, string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : AddError($"'{name}' is a whole number.", 0UL);

    /// <summary>A whole number, or what is meant when it is not given.</summary>
    public int Number(string name, int otherwise, int min, int max) =>
        Text(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= min
        && number <= max
            ? number
        : AddError($"'{name}' is a whole number from {min} to {max}.", otherwise);

    /// <summary>A path: a JSON array of segments as on the wire, or for people a/b/c. Null if none is given.</summary>
    public byte[][]? Path()
    {
        if (Text("path") is not { } text)
        {
            return null;
        }

        if (!text.StartsWith('['))
        {
            return text.Length == 0 ? [] : [.. text.Split('/').Select(Encoding.UTF8.GetBytes)];
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return
            [
                .. json.RootElement.EnumerateArray().Select(segment => Encoding.UTF8.GetBytes(segment.GetString()!)),
            ];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentNullException)
        {
            AddError("'path' is no array of strings: write [\"a\",\"b\"], or a/b where no segment has a slash.");
            return null;
        }
    }

    /// <summary>The relation of locked paths to the path.</summary>
    public PathScope Scope()
    {
        if (Text("scope") is not { } text)
        {
            return PathScope.All;
        }

        var scope = PathScope.None;
        foreach (var word in text.Split(','))
        {
            scope |= word switch
            {
                "itself" => PathScope.Itself,
                "above" => PathScope.Above,
                "beneath" => PathScope.Beneath,
                "all" => PathScope.All,
                _ => AddError("'scope' is a list of itself, above, beneath, or all.", PathScope.All),
            };
        }

        return scope;
    }

    /// <summary>Notes an error.</summary>
    public T AddError<T>(string sentence, T otherwise)
    {
        AddError(sentence);
        return otherwise;
    }

    /// <summary>Notes an error.</summary>
    protected void AddError(string sentence) => Error ??= sentence;
}
