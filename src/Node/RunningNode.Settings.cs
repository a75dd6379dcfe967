// What a running node makes of its settings beside its main parts, and what it does when they change.
using RaftLocks.Node.Backup;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node;

/// <content>Settings that change.</content>
internal sealed partial class RunningNode
{
    /// <summary>Reads the files of the certificates anew.</summary>
    public void Reload()
    {
        certificates.Reload();
        raftCertificates?.Reload();
    }

    /// <summary>Takes over those of the settings that need no restart.</summary>
    public void Take(NodeSettings read)
    {
        live.Take(read);
        budget.Resize(live.Current.MaxConnections);
    }

    /// <summary>Says how many clients fit, where the machine and not a setting bounds them.</summary>
    public void TellRoom()
    {
        if (!settings.WantsMaxConnections && budget.MaxSessions < settings.MaxConnections)
        {
            Room(logger, budget.MaxSessions);
        }
    }

    private ScheduledSnapshots? Scheduled(ILoggerFactory loggers, TimeProvider time)
    {
        if (settings.Snapshots is not { } plan)
        {
            return null;
        }

        var snapshots = new ScheduledSnapshots(
            plan,
            new SnapshotFolder(plan, settings.Name, OsFileSystem.Instance),
            raft.TakeSnapshotAsync,
            () => raft.Read(state => state.AppliedIndex > 0),
            () => raft.Leader is not null,
            loggers.CreateLogger("RaftLocks.Backup"),
            time
        );
        telemetry.Node.Look(snapshots);
        return snapshots;
    }

    private void WarnOfFewFiles()
    {
        if (settings.WantsMaxConnections && budget.MaxSessions < settings.MaxConnections)
        {
            FewFiles(logger, budget.MaxSessions, settings.MaxConnections);
        }
    }
}
