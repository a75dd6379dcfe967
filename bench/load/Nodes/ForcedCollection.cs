using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace RaftLocks.Load.Nodes;

// What a node keeps alive can only be told right after a full collection. The node has no page that asks for one, and
// needs none: the .NET runtime collects when a diagnostics session with this keyword is opened (so does dotnet-gcdump),
// and that is open to the same user alone.

/// <summary>Makes a .NET process of this user collect its garbage.</summary>
internal static class ForcedCollection
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const long CollectKeyword = 0x80_0000;

    /// <summary>Starts a full collection; it may be still going on when this returns.</summary>
    public static void Start(int processId)
    {
        using var session = new DiagnosticsClient(processId).StartEventPipeSession(
            new EventPipeProvider(Runtime, EventLevel.Informational, CollectKeyword),
            requestRundown: false,
            circularBufferMB: 1
        );
        session.Stop();
    }
}
