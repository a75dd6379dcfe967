// YAML files as these tests see them: documents whose references and merged parts are resolved, every scalar a text.
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace RaftLocks.Architecture.Tests;

internal static class Manifests
{
    /// <summary>The documents of a file of the repository.</summary>
    public static IReadOnlyList<JsonNode> Read(string path) =>
        Parse(File.ReadAllText(Path.Combine(SourceTree.Root, path)));

    /// <summary>The documents of a text.</summary>
    public static IReadOnlyList<JsonNode> Parse(string text)
    {
        var deserializer = new DeserializerBuilder().Build();
        var json = new SerializerBuilder().JsonCompatible().Build();
        var parser = new MergingParser(new Parser(new StringReader(text)));
        var documents = new List<JsonNode>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            documents.Add(JsonNode.Parse(json.Serialize(deserializer.Deserialize(parser)!))!);
        }

        return documents;
    }

    /// <summary>The one document of a kind.</summary>
    public static JsonNode Of(this IEnumerable<JsonNode> documents, string kind) =>
        documents.Single(document => document["kind"].Text() == kind);

    /// <summary>What is at a path such as <c>spec/template</c>.</summary>
    public static JsonNode? At(this JsonNode? node, string path) =>
        path.Split('/').Aggregate(node, (inner, key) => inner?[key]);

    /// <summary>A scalar's text; null for none.</summary>
    public static string? Text(this JsonNode? node) => node?.ToString();

    /// <summary>The texts of a list, or of one scalar.</summary>
    public static string[] Texts(this JsonNode? node) =>
        node is JsonArray list ? [.. list.Select(item => item.Text()!)] : [.. new[] { node.Text() }.OfType<string>()];

    /// <summary>The pairs of a table.</summary>
    public static Dictionary<string, JsonNode?> Pairs(this JsonNode? node) =>
        node is JsonObject table
            ? table.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)
            : [];
}
