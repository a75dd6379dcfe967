// A client of the playground as the page knows it: where its connection stands, and what went over it.
using System.Globalization;
using System.Text.Json;

namespace RaftLocks.Dashboard;

/// <summary>A line of what went over the wire.</summary>
/// <param name="Number">Counts up, so that the page can tell lines apart.</param>
/// <param name="Kind"><c>out</c>, <c>in</c> or <c>note</c>.</param>
/// <param name="Text">The text.</param>
public sealed record WireLine(int Number, string Kind, string Text);

/// <summary>One simulated client.</summary>
public sealed class SimulatedClient(int number, string name)
{
    private readonly List<WireLine> lines = [];
    private int count;

    /// <summary>The number of the client.</summary>
    public int Number { get; } = number;

    /// <summary>The name for people.</summary>
    public string Name { get; } = name;

    /// <summary>The path that it locks.</summary>
    public string Path { get; set; } = "orders/42";

    /// <summary>Whether it only reads.</summary>
    public bool Reads { get; set; }

    /// <summary><c>closed</c>, <c>ready</c>, <c>asking</c>, <c>enqueued</c> or <c>acquired</c>.</summary>
    public string State { get; private set; } = "closed";

    /// <summary>The number of its last request.</summary>
    public string? Id { get; private set; }

    /// <summary>The messages in both directions, newest last.</summary>
    public IReadOnlyList<WireLine> Lines => lines;

    /// <summary>The message that asks for its lock; null while its path is none.</summary>
    public string? LockMessage() =>
        Words.Segments(Path) is { } segments
            ? JsonSerializer.Serialize(
                new { action = "lock", resources = new[] { new { type = Reads ? "read" : "write", path = segments } } }
            )
            : null;

    /// <summary>Notes a message that the client sent.</summary>
    public void Said(string text)
    {
        Add("out", "→ " + text);
        State = "asking";
    }

    /// <summary>Something happened to its connection.</summary>
    public void Heard(string what, string text)
    {
        switch (what)
        {
            case "open":
                State = "ready";
                Add("note", "connected");
                break;
            case "closed":
                State = "closed";
                Add("note", text.Length == 0 ? "disconnected" : "disconnected: " + text);
                break;
            default:
                Add("in", "← " + text);
                Understand(text);
                break;
        }
    }

    private void Understand(string text)
    {
        try
        {
            using var message = JsonDocument.Parse(text);
            if (message.RootElement.TryGetProperty("state", out var state) && state.GetString() is { } stands)
            {
                State = stands;
            }

            if (message.RootElement.TryGetProperty("id", out var id))
            {
                Id = id.ToString();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Shown as it is.
        }
    }

    private void Add(string kind, string text)
    {
        lines.Add(
            new WireLine(++count, kind, DateTime.UtcNow.ToString("HH:mm:ss.f ", CultureInfo.InvariantCulture) + text)
        );
        if (lines.Count > Limits.PlaygroundLines)
        {
            lines.RemoveAt(0);
        }
    }
}
