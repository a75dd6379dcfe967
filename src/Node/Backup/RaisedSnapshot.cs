// A snapshot of which a new cluster is made, with its counters raised. What was locked between the save and the loss of
// the old cluster is unknown to the new one, and so are the ids that were given then: were they given again, a store
// that checks fencing tokens would refuse the new holder, or take the old one for the new.
using System.Text;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Backup;

/// <summary>Raises the ids of a snapshot.</summary>
/// <param name="by">What is added to each namespace's counter; 0 to leave all as it is.</param>
/// <param name="alsoIn">Namespaces that began after the save.</param>
internal sealed class RaisedSnapshot(ulong by, IReadOnlyList<string> alsoIn)
{
    /// <summary>Says why the snapshot can't be raised so; null if it can.</summary>
    public string? Error { get; } =
        by == 0 && alsoIn.Count > 0 ? "--namespace needs --raise-ids: behind which id should the new namespaces begin?"
        : alsoIn.FirstOrDefault(name => Encoding.UTF8.GetByteCount(name) is 0 or > Limits.MaxNamespaceBytes) is { } bad
            ? $"--namespace '{bad}' has no name of 1 to {Limits.MaxNamespaceBytes} bytes."
        : null;

    /// <summary>A report for people: what was done, and what is left to do.</summary>
    public string Told { get; } =
        by == 0
            ? "Ids go on where they were saved: those given after the save are given again (--raise-ids)."
            : $"Ids go on {by} higher in each namespace{Also(alsoIn)}, so that none given after the save is given "
                + "again."
                + $" {(alsoIn.Count == 0 ? "A" : "Any other")} namespace that began after the save is unknown to "
                + "the snapshot"
                + " and begins at id 1 again: if programs check its fencing tokens, empty the folder and restore again,"
                + " with --namespace NAME for each.";

    /// <summary>Writes the changed snapshot.</summary>
    /// <exception cref="InvalidDataException">The snapshot can't be raised so far.</exception>
    public void Write(string snapshot, string into)
    {
        if (by == 0)
        {
            File.Copy(snapshot, into, overwrite: true);
            return;
        }

        using var saved = OsFileSystem.Instance.OpenRead(snapshot);
        if (SnapshotFormat.Restore(saved, hashSeed: 0, out var state, by) is { } wrong)
        {
            throw new InvalidDataException($"{snapshot} can't be restored with --raise-ids {by}: {wrong}.");
        }

        foreach (var name in alsoIn)
        {
            state!.TryAddNamespace(Encoding.UTF8.GetBytes(name), by);
        }

        using var raised = new FileStream(into, FileMode.Create, FileAccess.Write, FileShare.None);
        SnapshotFormat.Write(raised, state!.Freeze());
        raised.Flush(flushToDisk: true);
    }

    private static string Also(IReadOnlyList<string> names) =>
        names.Count == 0 ? "" : $" and begin behind that in {string.Join(", ", names.Select(name => $"'{name}'"))}";
}
