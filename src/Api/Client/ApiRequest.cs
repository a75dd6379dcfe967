// A request to the HTTP API: what is sent, how long it may take, and how the answer is read.
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RaftLocks.Api;

/// <summary>A request, whatever is answered.</summary>
/// <param name="Method">What to do with the page.</param>
/// <param name="Path">The page and its query.</param>
public record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>The body, made anew for each node; null for none.</summary>
    internal Func<HttpContent>? Body { get; init; }

    /// <summary>The id of the event after which a stream goes on.</summary>
    internal string? LastEventId { get; init; }

    /// <summary>The answer's media type, where it is no JSON.</summary>
    internal string? MediaType { get; init; }

    /// <summary>Whether the admin token is sent with it.</summary>
    internal bool IsAdministration { get; init; }

    /// <summary>How long a node may take to answer; null for the client's own bound.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether the answer may take its time: then the node is asked meanwhile whether it lives.</summary>
    internal bool IsLong { get; init; }

    /// <summary>The beginning of a node's answer that there is no such thing: with this, 404 is an answer.</summary>
    internal string? NoSuch { get; init; }

    /// <summary>A status beside those of success with which a node answers too, where it is asked alone.</summary>
    internal HttpStatusCode? AlsoAnswered { get; init; }

    /// <summary>The token that is sent with it, where it is another than the client's own.</summary>
    public string? Token { get; init; }

    /// <summary>The address of whoever the question is asked for, for the audit log; null for the client itself.
    /// </summary>
    public string? ForwardedFor { get; init; }
}

/// <summary>A request with an answer of one kind.</summary>
/// <param name="Method">What to do with the page.</param>
/// <param name="Path">The page and its query.</param>
/// <param name="Read">Reads an answer; null if it is no node's.</param>
public sealed record ApiRequest<T>(HttpMethod Method, string Path, Func<ReadOnlyMemory<byte>, T?> Read)
    : ApiRequest(Method, Path)
    where T : class
{
    /// <summary>A request that is answered as JSON.</summary>
    internal static ApiRequest<T> Json(HttpMethod method, string path, JsonTypeInfo<T> type) =>
        new(method, path, json => JsonSerializer.Deserialize(json.Span, type));

    /// <summary>The same with a body.</summary>
    internal ApiRequest<T> With<TBody>(Func<TBody> body, JsonTypeInfo<TBody> type) =>
        this with
        {
            Body = () => new StringContent(JsonSerializer.Serialize(body(), type), Encoding.UTF8, "application/json"),
        };
}

/// <summary>An answer.</summary>
/// <param name="Value">The parsed answer.</param>
/// <param name="Bytes">The answer as it came, with fields that this build does not know.</param>
public sealed record ApiResponse<T>(T Value, ReadOnlyMemory<byte> Bytes)
    where T : class;
