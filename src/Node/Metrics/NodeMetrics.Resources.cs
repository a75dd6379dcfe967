// What a node lives on and lives by: its disk, its memory, its limits, its backups, and the credentials that it has
// refused.
using System.Diagnostics.Metrics;
using System.Text.Json;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Backup;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Metrics;

/// <content>Resources, limits, logins.</content>
internal sealed partial class NodeMetrics
{
    // A single request is refused or not; it adds up to nothing.
    private static readonly Budget[] Sums = [.. Enum.GetValues<Budget>().Where(budget => budget != Budget.Request)];

    /// <summary>Measures the disk of the data folder and the memory, and tells the limits.</summary>
    public void Look(LiveSettings settings)
    {
        var disk = new DriveInfo(settings.Current.DataDirectory);
        meter.CreateObservableGauge(
            "raftlocks.disk.free",
            () => Known(() => disk.AvailableFreeSpace),
            "By",
            "Free space of the disk that the data folder is on"
        );
        meter.CreateObservableGauge(
            "raftlocks.disk.size",
            () => Known(() => disk.TotalSize),
            "By",
            "Size of the disk that the data folder is on"
        );
        meter.CreateObservableGauge(
            "raftlocks.memory.limit",
            () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            "By",
            "Memory that the process may use, by the machine or its container"
        );
        meter.CreateObservableGauge(
            "raftlocks.requests.limit",
            () => settings.Current.MaxLiveRequests,
            null,
            "Locks held and requests waiting that the cluster takes (--max-live-requests)"
        );
        meter.CreateObservableGauge(
            "raftlocks.namespaces.limit",
            () => settings.Current.MaxNamespaces,
            null,
            "Namespaces that the cluster takes (--max-namespaces)"
        );
    }

    /// <summary>Measures the memory that locks take, beside the budgets for it.</summary>
    public void Look(SessionRegistry registry, LiveSettings settings)
    {
        meter.CreateObservableGauge(
            "raftlocks.requests.memory",
            () =>
                registry.Current is { } sessions
                    ? Sums.Select(budget => Tagged(sessions.Footprints.Fullest(budget), "budget", Word(budget)))
                    : [],
            "By",
            "Leader; memory that locks and waiting requests take: in all, and the most of one namespace, principal, "
                + "session"
        );
        meter.CreateObservableGauge(
            "raftlocks.requests.memory.limit",
            () => Sums.Select(budget => Tagged(Footprints.LimitOf(budget, settings.Current), "budget", Word(budget))),
            "By",
            "How much that may be (--max-live-mb, --max-namespace-mb, --max-principal-mb, --max-session-mb)"
        );
    }

    /// <summary>Measures the snapshots that are saved on a schedule.</summary>
    public void Look(ScheduledSnapshots snapshots)
    {
        meter.CreateObservableGauge(
            "raftlocks.backup.age",
            () => AgeOf(snapshots),
            "s",
            "Since the newest snapshot was saved on schedule; missing while there is none"
        );
        meter.CreateObservableCounter(
            "raftlocks.backup.failures",
            () => snapshots.Failures,
            "{failure}",
            "Snapshots that could not be saved on schedule"
        );
    }

    /// <summary>Counts the credentials that were refused.</summary>
    public void Look(AuditLog audit, AdminGuard admin) =>
        meter.CreateObservableCounter(
            "raftlocks.logins.failed",
            () => FailedLogins(audit, admin),
            "{login}",
            "Requests that were refused because of the token that they showed"
        );

    private static string Word(Budget budget) => JsonNamingPolicy.CamelCase.ConvertName(budget.ToString());

    private static IEnumerable<Measurement<double>> AgeOf(ScheduledSnapshots snapshots) =>
        snapshots.Age is { } age ? [new Measurement<double>(age.TotalSeconds)] : [];

    private static IEnumerable<Measurement<long>> FailedLogins(AuditLog audit, AdminGuard admin) =>
        [Tagged(audit.FailedLogins, "credential", "token"), Tagged(admin.WrongTokens, "credential", "admin-token")];

    // Nothing is told of a disk that can't be asked.
    private static IEnumerable<Measurement<long>> Known(Func<long> look)
    {
        try
        {
            return [new Measurement<long>(look())];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
