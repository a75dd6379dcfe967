// Every limit and default of the node in one place, each with its reason. Those of the wire's messages, of replication
// and of the journal have their own files: src/Protocol/MessageLimits.cs, RaftNodeOptions.cs, JournalOptions.cs. So has
// the dashboard, with its logins: src/Dashboard/Hosting/Limits.cs.
namespace RaftLocks.Node.Foundation;

/// <summary>Limits of the node.</summary>
internal static partial class Limits
{
    /// <summary>Members of a cluster at most. Five survive the loss of any two.</summary>
    public const int MaxMembers = 5;

    /// <summary>How long an acquired lock outlives its connection unless the client says otherwise, ms.</summary>
    public const int DefaultAbandonTimeoutMs = 60_000;

    /// <summary>
    /// The longest abandon timeout, ms: seven days. Beyond it a forgotten lock is as good as held for ever.
    /// </summary>
    public const int MaxAbandonTimeoutMs = 604_800_000;

    /// <summary>How often a silent client is pinged, ms.</summary>
    public const int DefaultPingIntervalMs = 10_000;

    /// <summary>
    /// How long a client that must answer pings may be silent, and any client out of TCP's reach, ms.
    /// </summary>
    public const int DefaultPingTimeoutMs = 20_000;

    /// <summary>Shortest ping interval and timeout, ms: below it healthy clients would be taken for gone.</summary>
    public const int MinPingMs = 50;

    /// <summary>Longest ping interval and timeout, ms: one hour.</summary>
    public const int MaxPingMs = 3_600_000;

    /// <summary>Connections of one node.</summary>
    public const int DefaultMaxConnections = 100_000;

    /// <summary>
    /// Connections beyond those of sessions, for probes, pages and administrators; fewer where the open-file limit is
    /// low.
    /// </summary>
    public const int SpareConnections = 1024;

    /// <summary>The fewest of these.</summary>
    public const int MinSpareConnections = 16;

    /// <summary>
    /// Open files that clients can't take: the runtime's own (some 300), the log, the journal, snapshots, and
    /// connections to and from the members.
    /// </summary>
    public const int ReservedFiles = 512;

    /// <summary>
    /// Connections that the open-file limit must allow beyond the reserve; below that the node does not start.
    /// </summary>
    public const int MinConnectionsByFiles = 64;

    /// <summary>Namespaces of the cluster: an empty one still costs its counter, for ever.</summary>
    public const int DefaultMaxNamespaces = 1_000_000;

    /// <summary>Locks held and requests waiting, in all namespaces together.</summary>
    public const int DefaultMaxLiveRequests = 2_000_000;

    /// <summary>How often in a second those who may ask for so many locks may ask for some more.</summary>
    public const int RateLooksPerSecond = 10;

    /// <summary>Requests waiting in one namespace.</summary>
    public const int DefaultMaxWaitingPerNamespace = 100_000;

    /// <summary>Channels of one connection in use at once: what one client can hold and await.</summary>
    public const int DefaultMaxChannels = 1024;

    /// <summary>Revokes that wait for their grace to end.</summary>
    public const int MaxRevocations = 1024;

    /// <summary>Grace of a revoke unless the administrator says otherwise, ms.</summary>
    public const int DefaultRevokeGraceMs = 10_000;

    /// <summary>Longest grace of a revoke, ms: one hour.</summary>
    public const int MaxRevokeGraceMs = 3_600_000;

    /// <summary>Bytes of a revoke's reason.</summary>
    public const int MaxRevokeReasonBytes = 256;

    /// <summary>How often a waiter is told about its position in the queue at most, ms.</summary>
    public const int ProgressIntervalMs = 1_000;

    /// <summary>
    /// Waiting requests whose positions are computed in one such interval; with more of them each is told less often.
    /// </summary>
    public const int MaxProgressLooks = 500;

    /// <summary>Ends of resumable sessions' locks that are remembered for clients that come back.</summary>
    public const int MaxRememberedEnds = 4096;

    /// <summary>Bytes of one message.</summary>
    public const int DefaultMaxMessageBytes = 64 * 1024;

    /// <summary>Bytes of a namespace's name.</summary>
    public const int MaxNamespaceBytes = 256;

    /// <summary>
    /// Messages of one connection that are taken in before the first of them is answered; then the node stops reading.
    /// </summary>
    public const int MaxUnansweredMessages = 1024;

    /// <summary>The same in bytes: so that few connections can't fill the memory with large messages.</summary>
    public const int MaxUnansweredBytes = 1 << 20;

    /// <summary>Namespaces remembered for the statistics though nothing was ever locked in them.</summary>
    public const int MaxRememberedEmptyNamespaces = 100_000;

    /// <summary>Principals remembered for their shares; then they are forgotten, all but those of open connections.
    /// </summary>
    public const int MaxRememberedPrincipals = 100_000;

    /// <summary>Bytes that are read from a connection at a time; only while there is something to read.</summary>
    public const int ReadBufferBytes = 4096;

    /// <summary>
    /// How long TCP stays open for sending after a close that the client has not answered, ms: who answers at once ends
    /// it by that.
    /// </summary>
    public const int CloseAnswerMs = 20;

    /// <summary>How long a connection that the node closes may take to answer the close, ms.</summary>
    public const int CloseHandshakeMs = 2_000;

    /// <summary>How long the node waits for its connections to end when it shuts down, ms.</summary>
    public const int ShutdownMs = 3_000;

    /// <summary>
    /// How long a node that is asked to end may take in all, ms. What waits for a disk that does not answer may wait
    /// for ever.
    /// </summary>
    public const int EndMs = 60_000;

    /// <summary>
    /// How long a node that can't go on may take to end in good order, ms: close frames, and what is left to write.
    /// Then it ends anyway.
    /// </summary>
    public const int FatalErrorMs = 10_000;

    /// <summary>
    /// How long a node whose disk hangs may take to say so, ms. It can't end in good order: whatever it would wait for
    /// waits for the disk.
    /// </summary>
    public const int HungMs = 1_000;

    /// <summary>
    /// Entries that a follower may be behind what it knows to be committed and still be called ready.
    /// </summary>
    public const int ReadyLagEntries = 1_000;

    /// <summary>Size of the journal on disk, MiB: some ten million events.</summary>
    public const int DefaultJournalMaxMb = 1024;

    /// <summary>Smallest size of the journal, MiB: several segments must fit.</summary>
    public const int MinJournalMaxMb = 16;

    /// <summary>Age of the oldest records in the journal, days.</summary>
    public const int DefaultJournalMaxDays = 30;

    /// <summary>
    /// The space that the journal leaves free on the disk, MiB: the Raft log, without which nothing goes on, writes
    /// there too.
    /// </summary>
    public const int DefaultJournalKeepFreeMb = 256;

    /// <summary>Characters of an admin token at least.</summary>
    public const int MinAdminTokenLength = 16;

    /// <summary>How often the files of certificates are looked at, ms: they are small.</summary>
    public const int CertificateLookMs = 2_000;

    /// <summary>Days before a certificate expires at which an alarm is raised.</summary>
    public const int CertificateWarnDays = 14;

    /// <summary>How often the same other node's certificate is complained about in the log, ms.</summary>
    public const int UntrustedTellMs = 60_000;

    /// <summary>Hosts whose certificates were complained about, and that are remembered for that.</summary>
    public const int MaxUntrustedHosts = 64;

    /// <summary>How long a client's TLS handshake may take, ms.</summary>
    public const int TlsHandshakeMs = 5_000;

    /// <summary>How long another node may take to say who it is, or what its digests are, ms.</summary>
    public const int MemberAnswerMs = 2_000;

    /// <summary>Bytes of what it says.</summary>
    public const int MaxMemberAnswerBytes = 1 << 20;

    /// <summary>How long a node misses a leader before it asks the others whether it was removed, ms.</summary>
    public const int LeaderMissedMs = 5_000;

    /// <summary>How long a change of members may take, catching up included, ms.</summary>
    public const int MemberChangeMs = 90_000;

    /// <summary>Events in one answer of the history unless the client says otherwise.</summary>
    public const int DefaultHistoryEvents = 100;

    /// <summary>Events in one answer of the history, at most.</summary>
    public const int MaxHistoryEvents = 1_000;

    /// <summary>Bytes of one answer of the history, about.</summary>
    public const int HistoryAnswerBytes = 4 << 20;

    /// <summary>The size of an event in memory, beside twice its names, about.</summary>
    public const int HistoryEventBytes = 400;

    /// <summary>Bytes of the journal that are read for one answer; what lies beyond is for the next one.</summary>
    public const int HistoryBytesPerQuery = 64 << 20;

    /// <summary>
    /// Queries of the history that wait for their turn; more are answered 503. One at a time is answered: the locks
    /// need the processor.
    /// </summary>
    public const int MaxHistoryQueries = 16;

    /// <summary>Of these, one reader's; more are answered 429.</summary>
    public const int MaxHistoryQueriesOfReader = 4;

    /// <summary>Live streams of the history; more are answered 503.</summary>
    public const int MaxHistoryStreams = 256;

    /// <summary>Of these, one reader's: a principal's, or an address's; more are answered 429.</summary>
    public const int MaxHistoryStreamsOfReader = 64;

    /// <summary>
    /// Bytes of events that wait for one slow reader of a live stream; beyond it events are left out, and it is told
    /// so.
    /// </summary>
    public const int HistoryStreamBytes = 1 << 20;

    /// <summary>How often a silent live stream says that it is alive, ms.</summary>
    public const int HistoryStreamAliveMs = 15_000;

    /// <summary>How long an answer waits for what was applied just before to be in the journal, ms.</summary>
    public const int HistoryFlushMs = 1_000;

    /// <summary>How often metrics are sent to an OpenTelemetry collector, ms.</summary>
    public const int OtlpMetricsEveryMs = 10_000;

    /// <summary>How long the node's end waits for a collector to take the last of them, ms.</summary>
    public const int OtlpFlushMs = 3_000;

    /// <summary>Requests or namespaces on one page of a list unless the client says otherwise.</summary>
    public const int DefaultListed = 100;

    /// <summary>Requests or namespaces on one page of a list, at most.</summary>
    public const int MaxListed = 1_000;

    /// <summary>Requests that are looked at for one page of a list; what lies beyond is for the next one.</summary>
    public const int MaxRequestsPerQuery = 100_000;

    /// <summary>Questions to the leader that wait for their turn; more are answered 503.</summary>
    public const int MaxQueries = 64;

    /// <summary>Of these, one reader's; more are answered 429.</summary>
    public const int MaxQueriesOfReader = 16;

    /// <summary>
    /// How many times as long as the node worked for a reader it works for none: so all readers together have a quarter
    /// of one processor.
    /// </summary>
    public const int ReadPauses = 3;

    /// <summary>The longest such pause, ms.</summary>
    public const int ReadPauseMs = 1_000;

    /// <summary>Snapshots that are sent to administrators at a time; more are answered 503.</summary>
    public const int MaxSnapshotDownloads = 2;

    /// <summary>Seconds after which a client should try again while there is no leader.</summary>
    public const int RetryAfterSeconds = 1;

    /// <summary>Bytes of a request line; a namespace of 256 bytes may be escaped threefold.</summary>
    public const int MaxRequestLineBytes = 4096;

    /// <summary>Bytes of all headers of a request.</summary>
    public const int MaxRequestHeadersBytes = 16 * 1024;

    /// <summary>Bytes of a request's body: commands of an administrator. Locks come by WebSocket.</summary>
    public const int MaxRequestBodyBytes = 64 * 1024;

    /// <summary>Bytes that a client sends or takes in a second at least, where it asks for a page.</summary>
    public const int MinBytesPerSecond = 240;

    /// <summary>How long a client may send its query more slowly than that, ms.</summary>
    public const int SlowQuestionMs = 5_000;

    /// <summary>
    /// How long it may take the answer more slowly, ms: a person may stop the live history on the screen for a moment.
    /// </summary>
    public const int SlowAnswerMs = 30_000;

    /// <summary>Bytes that the server writes ahead of a slow reader before it waits.</summary>
    public const int ResponseBufferBytes = 16 * 1024;

    /// <summary>Characters of a token's secret, at most; those that the cluster makes have 46.</summary>
    public const int MaxTokenSecretChars = 256;

    /// <summary>Lines about refusals that the audit log has in each window; the rest is only counted.</summary>
    public const int AuditRefusalsPerWindow = 20;

    /// <summary>Characters of a text of a client's choosing in a line of the audit log.</summary>
    public const int AuditTextChars = 200;

    /// <summary>The length of that window, ms.</summary>
    public const int AuditWindowMs = 1_000;

    /// <summary>How often a leader that revokes what nobody has a right to any more looks for changes, ms.</summary>
    public const int RightsWatchMs = 250;

    /// <summary>How often such a leader looks for tokens that have expired, ms.</summary>
    public const int ExpiryWatchMs = 5_000;

    /// <summary>How long a token lives, at most, where a lifetime is given: ten years, ms.</summary>
    public const long MaxTokenLifeMs = 10L * 366 * 24 * 3600 * 1000;

    /// <summary>Characters of a JWT: it must fit into the headers of a request.</summary>
    public const int MaxJwtChars = 8 * 1024;

    /// <summary>Groups that a JWT may name; with more of them it is refused.</summary>
    public const int MaxJwtGroups = 256;

    /// <summary>By how much the clocks of a JWT's issuer and of a node may differ, ms.</summary>
    public const int JwtClockSkewMs = 30_000;

    /// <summary>How long the issuer of JWTs may take to answer, ms; no request waits for it.</summary>
    public const int IssuerAnswerMs = 5_000;

    /// <summary>How often the issuer's keys are asked for, ms.</summary>
    public const int IssuerRefreshMs = 300_000;

    /// <summary>
    /// How soon they are asked for again when that failed, or when a JWT names a key that is not among them, ms. A
    /// stranger can cause that at will.
    /// </summary>
    public const int IssuerRetryMs = 10_000;

    /// <summary>Bytes of one answer of the issuer, and of the file of its keys.</summary>
    public const int MaxIssuerAnswerBytes = 1 << 20;
}
