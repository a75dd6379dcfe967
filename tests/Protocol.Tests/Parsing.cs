// How the tests see a message: as plain text and lists, so that whole messages can be compared in one assertion.
using System.Text;

namespace RaftLocks.Protocol.Tests;

/// <summary>A resource, such as "write a|b".</summary>
public sealed record PlainResource(AccessMode Mode, string[] Path)
{
    public bool Equals(PlainResource? other) =>
        other is not null && Mode == other.Mode && Path.AsSpan().SequenceEqual(other.Path);

    public override int GetHashCode() => HashCode.Combine(Mode, Path.Length);

    public override string ToString() => $"{(Mode == AccessMode.Read ? "read" : "write")} {string.Join('|', Path)}";
}

internal static class Parsing
{
    public static Refusal? Refuse(string json, MessageLimits? limits = null) =>
        Parse(Encoding.UTF8.GetBytes(json), limits).Refusal;

    public static ClientMessage Accept(string json, MessageLimits? limits = null)
    {
        var (message, refusal) = Parse(Encoding.UTF8.GetBytes(json), limits);
        Assert.Null(refusal?.Reason);
        return message;
    }

    public static (ClientMessage Message, Refusal? Refusal) Parse(ReadOnlySpan<byte> utf8, MessageLimits? limits = null)
    {
        var message = new ClientMessage();
        return (message, new MessageParser(limits ?? new MessageLimits()).Parse(utf8, message));
    }

    public static IEnumerable<PlainResource> Resources(ClientMessage message)
    {
        for (var i = 0; i < message.ResourceCount; i++)
        {
            var path = new string[message.SegmentCountOf(i)];
            for (var j = 0; j < path.Length; j++)
            {
                path[j] = Encoding.UTF8.GetString(message.Segment(i, j));
            }

            yield return new PlainResource(message.ModeOf(i), path);
        }
    }

    public static string[] Plain(ClientMessage message) =>
        [.. Resources(message).Select(resource => resource.ToString())];
}
