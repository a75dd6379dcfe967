// What can be seen of a node at any moment, as instruments: they are asked when somebody looks, and cost nothing
// otherwise. The docs list them all (docs/operations.md). No label ever holds a namespace, a path, or anything else
// that a client chose.
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Metrics;

/// <summary>Makes the instruments that look at the parts of a node.</summary>
/// <param name="meter">The node's meter.</param>
internal sealed partial class NodeMetrics(Meter meter)
{
    private static readonly EventKind[] Kinds =
    [
        .. Enum.GetValues<EventKind>().Where(kind => kind.HasRequest() && kind != EventKind.Rejected),
    ];

    /// <summary>The replication and the state.</summary>
    public void Look(RaftNode raft, RaftMetrics counts)
    {
        meter.CreateObservableCounter(
            "raftlocks.events",
            () => Kinds.Select(kind => Tagged(counts.Events(kind), "event", Word(kind))),
            "{event}",
            "What happened to locks while this node led"
        );
        meter.CreateObservableCounter(
            "raftlocks.grants",
            () => Granted(counts),
            "{grant}",
            "Locks granted while this node led"
        );
        meter.CreateObservableUpDownCounter(
            "raftlocks.requests",
            () => Requests(raft, counts),
            "{request}",
            "Locks held and requests waiting, as of this node"
        );
        meter.CreateObservableUpDownCounter(
            "raftlocks.namespaces",
            () => raft.Read(state => state.NamespaceCount),
            "{namespace}",
            "Namespaces, empty ones included"
        );
        meter.CreateObservableGauge(
            "raftlocks.leader",
            () => raft.Current is null ? 0 : 1,
            null,
            "Whether this node leads"
        );
        meter.CreateObservableGauge(
            "raftlocks.leader.known",
            () => raft.Leader is null ? 0 : 1,
            null,
            "Whether this node knows a leader"
        );
        meter.CreateObservableGauge(
            "raftlocks.leader.unconfirmed",
            () => raft.Current?.SinceConfirmed.TotalSeconds ?? 0,
            "s",
            "Since when no majority has confirmed that this node leads; 0 if it does not"
        );
        meter.CreateObservableGauge(
            "raftlocks.term",
            () => raft.Status.Term,
            null,
            "Current term: it rises with each election"
        );
        meter.CreateObservableCounter(
            "raftlocks.raft.refused",
            () => counts.Refused,
            "{refusal}",
            "Connections and requests that were refused on the Raft port"
        );
        meter.CreateObservableCounter(
            "raftlocks.raft.accept.failures",
            () => counts.NotAccepted,
            "{failure}",
            "Connections of members that this node could not accept, and tried again"
        );
        meter.CreateObservableCounter(
            "raftlocks.leaderships",
            () => counts.Leaderships,
            "{leadership}",
            "Times that this node began to lead"
        );
        meter.CreateObservableGauge(
            "raftlocks.log.index",
            () => Indexes(raft.Status),
            null,
            "Index of the last log entry: in the log, known to be committed, applied"
        );
        meter.CreateObservableGauge(
            "raftlocks.log.lag",
            () => Lag(raft.Status),
            "{entry}",
            "Committed entries that this node has not applied"
        );
        meter.CreateObservableGauge(
            "raftlocks.proposals.queued",
            () => raft.Current?.Proposals.Count ?? 0,
            "{command}",
            "Commands that wait for the next entry"
        );
        meter.CreateObservableGauge(
            "raftlocks.snapshot.size",
            () => counts.SnapshotBytes,
            "By",
            "Size of the last snapshot; 0 if there is none"
        );
        meter.CreateObservableGauge(
            "raftlocks.snapshot.age",
            () => counts.SnapshotAt == 0 ? 0 : Stopwatch.GetElapsedTime(counts.SnapshotAt).TotalSeconds,
            "s",
            "Since the last snapshot was written or read here; 0 if there is none"
        );
        meter.CreateObservableGauge(
            "raftlocks.snapshot.duration",
            () => counts.SnapshotMs / 1000.0,
            "s",
            "How long it took to write the last snapshot"
        );
        meter.CreateObservableCounter(
            "raftlocks.snapshot.failures",
            () => counts.SnapshotFailures,
            "{failure}",
            "Snapshots that could not be written"
        );
    }

    /// <summary>The connections.</summary>
    public void Look(SessionRegistry registry)
    {
        meter.CreateObservableUpDownCounter(
            "raftlocks.connections",
            () => registry.Connections,
            "{connection}",
            "Connections of clients to this node as leader"
        );
        meter.CreateObservableUpDownCounter(
            "raftlocks.sessions",
            () => registry.Current?.Count ?? 0,
            "{session}",
            "Sessions that are open, or have commands on their way"
        );
    }

    /// <summary>Measures the silent connections.</summary>
    public void Look(Heartbeats heartbeats) =>
        meter.CreateObservableUpDownCounter(
            "raftlocks.connections.silent",
            () => heartbeats.Silent,
            "{connection}",
            "Plain connections that have answered nothing for longer than the ping timeout; their TCP is alive"
        );

    /// <summary>How many may be.</summary>
    public void Look(ConnectionBudget budget)
    {
        meter.CreateObservableUpDownCounter(
            "raftlocks.connections.open",
            () => budget.Open,
            "{connection}",
            "Connections to the client port, whatever they do"
        );
        meter.CreateObservableGauge(
            "raftlocks.connections.limit",
            () => budget.MaxSessions,
            null,
            "Connections with a session that this node takes, by --max-connections and the limit of open files"
        );
        meter.CreateObservableCounter(
            "raftlocks.connections.refused",
            () => budget.Refused,
            "{connection}",
            "Connections that were refused at once, or closed while idle to make room"
        );
    }

    /// <summary>Measures the alarms.</summary>
    public void Look(Alarms alarms)
    {
        meter.CreateObservableGauge(
            "raftlocks.alarms",
            () => alarms.Raised.Count,
            null,
            "Alarms that are up: see /health/ready"
        );
        meter.CreateObservableGauge(
            "raftlocks.certificate.expires",
            () => alarms.Certificates.SelectMany(Expiry),
            "s",
            "For how long the certificate that this node shows on a port is still valid; negative when it is not"
        );
        meter.CreateObservableGauge(
            "raftlocks.members.too_old",
            () => alarms.TooOld().Count,
            "{member}",
            "Leader; members whose builds are too old to be sent anything"
        );
        meter.CreateObservableGauge(
            "raftlocks.replica.differs",
            () => alarms.Replicas.Select(other => Tagged(other.DiffersAt > 0 ? 1L : 0L, "member", other.Name)),
            null,
            "Whether this node's state was seen to differ from another's"
        );
        meter.CreateObservableGauge(
            "raftlocks.replica.compared.index",
            () => alarms.Replicas.Select(other => Tagged(other.ComparedIndex, "member", other.Name)),
            null,
            "Up to which log index the two states were compared"
        );
        meter.CreateObservableGauge(
            "raftlocks.journal.enabled",
            () => alarms.Journal.State == "off" ? 0 : 1,
            null,
            "Whether this node keeps a journal"
        );
        meter.CreateObservableGauge(
            "raftlocks.journal.writing",
            () => alarms.Journal.State == "on" ? 1 : 0,
            null,
            "Whether the journal is written: 0 if it has stopped, leaves out records, or is off"
        );
        meter.CreateObservableGauge(
            "raftlocks.journal.index",
            () => alarms.Journal.Index,
            null,
            "Log index of the last durable record"
        );
        meter.CreateObservableGauge("raftlocks.journal.size", () => alarms.Journal.Bytes, "By", "Size on disk");
        meter.CreateObservableGauge(
            "raftlocks.journal.segments",
            () => alarms.Journal.Segments,
            "{segment}",
            "Segments on disk"
        );
        meter.CreateObservableGauge(
            "raftlocks.journal.queued",
            () => alarms.Journal.QueuedBytes,
            "By",
            "What waits to be written"
        );
        meter.CreateObservableCounter(
            "raftlocks.journal.records.left_out",
            () => alarms.Journal.LeftOut,
            "{record}",
            "Records left out because the disk was too slow or full"
        );
        meter.CreateObservableCounter("raftlocks.journal.gaps", () => alarms.Journal.Gaps, "{gap}", "Gaps recorded");
        meter.CreateObservableGauge(
            "raftlocks.build.info",
            () => Tagged(1L, "version", ProductVersion.Text),
            null,
            "The version that runs"
        );
    }

    private static IEnumerable<Measurement<double>> Expiry(WatchedCertificates certificates) =>
        certificates.ExpiresIn is { } left
            ? [new(left.TotalSeconds, new KeyValuePair<string, object?>("port", certificates.Port))]
            : [];

    private static IEnumerable<Measurement<long>> Granted(RaftMetrics counts) =>
        [Tagged(counts.AcquiredAtOnce, "waited", "false"), Tagged(counts.AcquiredAfterWait, "waited", "true")];

    private static IEnumerable<Measurement<long>> Requests(RaftNode raft, RaftMetrics counts)
    {
        var (live, held) = raft.Read(state => (state.LiveCount, counts.Held));
        return [Tagged(held, "state", "held"), Tagged(live - held, "state", "waiting")];
    }

    private static IEnumerable<Measurement<long>> Indexes(NodeStatus status) =>
        [
            Tagged(status.LastIndex, "point", "last"),
            Tagged(status.CommitIndex, "point", "committed"),
            Tagged(status.AppliedIndex, "point", "applied"),
        ];

    private static long Lag(NodeStatus status) => Math.Max(0, status.CommitIndex - status.AppliedIndex);

    private static Measurement<long> Tagged(long value, string key, string word) =>
        new(value, new KeyValuePair<string, object?>(key, word));

    private static string Word(EventKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
