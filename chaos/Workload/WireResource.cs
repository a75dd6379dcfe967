// A resource as the wire has it.
using System.Text.Json;
using System.Text.Json.Serialization;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Workload;

/// <summary>A resource in JSON.</summary>
internal sealed record WireResource(string Type, IReadOnlyList<string> Path)
{
    /// <summary>How messages are written: what is null is left out.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static WireResource Of(Resource resource) => new(resource.Write ? "write" : "read", resource.Path);
}
