// The public keys of the issuer of JWTs, from a file or from the issuer itself (OpenID Connect discovery). They are
// read in the background, so that no request waits for the issuer. Keys that can't be read change nothing: those read
// before stay in use, and the log and an alarm say why.
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using RaftLocks.Ledger;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Auth;

/// <summary>Keeps the issuer's keys. Thread-safe.</summary>
internal sealed partial class IssuerKeys : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private const string Discovery = "/.well-known/openid-configuration";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(Limits.CertificateLookMs);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(Limits.IssuerRefreshMs);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(Limits.IssuerRetryMs);

    private readonly JwtSettings settings;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly HttpClient http;
    private readonly HttpDocumentRetriever documents;
    private volatile OpenIdConnectConfiguration current;
    private volatile string? problem;
    private volatile bool isWanted;
    private string? fileText;
    private long? askedAt;

    /// <summary>Reads the file, if that is where the keys are.</summary>
    /// <param name="settings">Whose keys.</param>
    /// <param name="logger">The log.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="WrongSettingException">The file can't be used.</exception>
    public IssuerKeys(JwtSettings settings, ILogger logger, TimeProvider time)
    {
        this.settings = settings;
        this.logger = logger;
        this.time = time;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = TimeSpan.FromMilliseconds(Limits.IssuerAnswerMs),
            MaxResponseContentBufferSize = Limits.MaxIssuerAnswerBytes,
        };
        documents = new HttpDocumentRetriever(http)
        {
            RequireHttps = settings.Issuer.StartsWith(Uri.UriSchemeHttps + ":", StringComparison.OrdinalIgnoreCase),
        };
        current = With([]);
        try
        {
            ReadFile();
        }
        catch (Exception e) when (IsExpected(e))
        {
            http.Dispose();
            throw new WrongSettingException($"--jwt-keys {settings.KeysFile}: {TextOf(e)}");
        }
    }

    /// <summary>Whether no key is known yet.</summary>
    public bool IsEmpty => current.SigningKeys.Count == 0;

    /// <summary>Why the newest keys are not in use, for an alarm; null if they are.</summary>
    public string? Problem =>
        problem is { } why ? $"the keys of the issuer of JWTs can't be read, and those read before stay in use: {why}"
        : IsEmpty ? $"the keys of the issuer of JWTs ({settings.Issuer}) are not known yet"
        : null;

    /// <inheritdoc/>
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) => Task.FromResult(current);

    /// <summary>A JWT names a key that is not known here.</summary>
    public void RequestRefresh() => isWanted = true;

    /// <summary>Reads the keys again and again.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                ReadFile();
                await AskAsync(token);
            }
            catch (Exception e) when (IsExpected(e))
            {
                var why = TextOf(e);
                if (!token.IsCancellationRequested && problem != why)
                {
                    problem = why;
                    NotRead(logger, settings.Issuer, why);
                }
            }

            await Task.Delay(LookEvery, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    // The library that reads foreign JSON promises no set of exceptions, and whatever it says is of foreign choosing.
    private static bool IsExpected(Exception e) => e is not OutOfMemoryException;

    private static string TextOf(Exception e) =>
        PrintableText.Of(e.Message.Length <= Limits.AuditTextChars ? e.Message : e.Message[..Limits.AuditTextChars]);

    private void ReadFile()
    {
        if (settings.KeysFile is not { } file)
        {
            return;
        }

        var text =
            new FileInfo(file).Length <= Limits.MaxIssuerAnswerBytes
                ? File.ReadAllText(file)
                : throw new IOException($"it has more than {Limits.MaxIssuerAnswerBytes} bytes");
        if (text != fileText)
        {
            Use(JsonWebKeySet.Create(text).GetSigningKeys());
            fileText = text;
        }

        problem = null;
    }

    private async Task AskAsync(CancellationToken token)
    {
        if (settings.KeysFile is not null || !IsDue())
        {
            return;
        }

        (isWanted, askedAt) = (false, time.GetTimestamp());
        var found = await OpenIdConnectConfigurationRetriever.GetAsync(
            settings.Issuer.TrimEnd('/') + Discovery,
            documents,
            token
        );
        if (found.Issuer != settings.Issuer)
        {
            throw new IOException($"the issuer that is found there calls itself '{found.Issuer}'");
        }

        Use(found.SigningKeys);
        problem = null;
    }

    private bool IsDue() =>
        askedAt is not { } before
        || (
            time.GetElapsedTime(before) is var since
            && since >= (isWanted || IsEmpty || problem is not null ? Retry : Refresh)
        );

    // A key that both sides know would let whoever can check a JWT make one too.
    private void Use(IEnumerable<SecurityKey> keys)
    {
        var found = With(keys.Where(key => key is not SymmetricSecurityKey));
        if (found.SigningKeys.Count == 0)
        {
            throw new IOException("there is no public key for signatures");
        }

        if (!IdsOf(found).SequenceEqual(IdsOf(current), StringComparer.Ordinal))
        {
            Read(logger, found.SigningKeys.Count, settings.Issuer);
        }

        current = found;
    }

    private static IEnumerable<string?> IdsOf(OpenIdConnectConfiguration keys) =>
        keys.SigningKeys.Select(key => key.KeyId);

    private OpenIdConnectConfiguration With(IEnumerable<SecurityKey> keys)
    {
        var made = new OpenIdConnectConfiguration { Issuer = settings.Issuer };
        foreach (var key in keys)
        {
            made.SigningKeys.Add(key);
        }

        return made;
    }

    [LoggerMessage(510, LogLevel.Information, "{Count} keys of the issuer of JWTs {Issuer} are read")]
    private static partial void Read(ILogger logger, int count, string issuer);

    [LoggerMessage(
        511,
        LogLevel.Error,
        "The keys of the issuer of JWTs {Issuer} can't be read, and those read before stay in use: {Why}"
    )]
    private static partial void NotRead(ILogger logger, string issuer, string why);
}
