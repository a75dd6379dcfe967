// The certificates of a port, read again when their files change, or when the operator says so (SIGHUP). Files that
// can't be used change nothing: the ones read before stay in use, and the log and an alarm say why. A certificate and
// its key are often written one after the other, so files that don't fit are looked at once more before anybody is
// told.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Certificates;

/// <summary>Keeps the certificates of a port. Thread-safe.</summary>
internal sealed partial class WatchedCertificates
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(Limits.CertificateLookMs);

    private readonly CertificatePaths paths;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly Action<LoadedCertificates>? check;
    private readonly Lock reading = new();
    private volatile LoadedCertificates current;
    private volatile string? problem;
    private string? readDigest;
    private string? doubtedDigest;

    /// <summary>Reads the files for the first time.</summary>
    /// <param name="port">What the certificates are for, in figures and messages: "client".</param>
    /// <param name="paths">The files.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="check">Throws a <see cref="CertificateFileException"/> if they are not what the port needs; null
    /// for no such check.</param>
    /// <exception cref="CertificateFileException">One of them can't be used.</exception>
    public WatchedCertificates(
        string port,
        CertificatePaths paths,
        ILogger logger,
        TimeProvider time,
        Action<LoadedCertificates>? check = null
    )
    {
        Port = port;
        this.paths = paths;
        this.logger = logger;
        this.time = time;
        this.check = check;
        readDigest = FileDigest.Of(paths.All);
        current = Read();
    }

    /// <summary>What the certificates are for.</summary>
    public string Port { get; }

    /// <summary>What is in use.</summary>
    public LoadedCertificates Current => current;

    /// <summary>Why what is in the files now is not in use; null if it is.</summary>
    public string? Problem => problem;

    /// <summary>How long what the node shows is still valid; null if it shows none.</summary>
    public TimeSpan? ExpiresIn => current.ExpiresAt - time.GetUtcNow();

    /// <summary>Reads the files now.</summary>
    public void Reload() => Look(isAsked: true);

    /// <summary>Looks at the files again and again.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (paths.All.Any() && !token.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!token.IsCancellationRequested)
            {
                Look(isAsked: false);
            }
        }
    }

    private LoadedCertificates Read()
    {
        var read = LoadedCertificates.Read(paths);
        check?.Invoke(read);
        return read;
    }

    private void Look(bool isAsked)
    {
        lock (reading)
        {
            var digest = FileDigest.Of(paths.All);
            if (digest == readDigest && !isAsked)
            {
                return;
            }

            try
            {
                current = Read();
                (readDigest, doubtedDigest, problem) = (digest, null, null);
                if (current.ExpiresAt is { } expiresAt)
                {
                    Reloaded(logger, Port, expiresAt);
                }
            }
            catch (CertificateFileException e)
            {
                if (digest == doubtedDigest || isAsked)
                {
                    (readDigest, problem) = (digest, e.Message);
                    NotReloaded(logger, Port, e.Message);
                }

                doubtedDigest = digest;
            }
        }
    }

    [LoggerMessage(
        500,
        LogLevel.Information,
        "The certificates of the {Port} port are read: valid until {ExpiresAt:u}"
    )]
    private static partial void Reloaded(ILogger logger, string port, DateTimeOffset expiresAt);

    [LoggerMessage(
        501,
        LogLevel.Error,
        "The files of the {Port} port's certificates can't be used, and those read before stay in use: {Why}"
    )]
    private static partial void NotReloaded(ILogger logger, string port, string why);
}
