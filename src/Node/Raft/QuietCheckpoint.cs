// The library writes its checkpoint through to the disk in every round, after the entries: a third of what a follower's flush costs. Nothing
// of ours believes it (see LogRecovery: at every start the end of the log is found from the entries, and the commit index begins at the
// snapshot), so it may lag, and is written to the page cache only: the file that the library holds open is replaced by one opened without
// write-through. It is reached by reflection, as the library has no option for it; a version that renames it fails at the first start.
using System.Reflection;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Microsoft.Win32.SafeHandles;

namespace RaftLocks.Node.Raft;

internal static class QuietCheckpoint
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    private static readonly FieldInfo CheckpointField = Find(typeof(WriteAheadLog), "checkpoint");
    private static readonly FieldInfo HandleField = Find(CheckpointField.FieldType, "handle");

    /// <summary>To be called right after the log's constructor, before anything is appended: the library writes no checkpoint until then.</summary>
    /// <param name="log">The log.</param>
    /// <param name="directory">Its folder. The file is there when this returns, also after a power cut.</param>
    public static void Install(WriteAheadLog log, string directory)
    {
        DurableFile.FlushDirectory(directory);
        var checkpoint = CheckpointField.GetValue(log)!;
        using var writtenThrough = (SafeFileHandle)HandleField.GetValue(checkpoint)!;
        HandleField.SetValue(checkpoint, File.OpenHandle(Path.Combine(directory, "checkpoint"), FileMode.Open, FileAccess.Write, FileShare.Read | FileShare.Write));
        CheckpointField.SetValue(log, checkpoint);
    }

    private static FieldInfo Find(Type type, string name) =>
        type.GetField(name, Hidden) ?? throw new NotSupportedException($"This version of the Raft library has no {type.Name}.{name}: see QuietCheckpoint.");
}
