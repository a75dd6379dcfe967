// The files of settings (appsettings.json), read again when they change, or when the operator says so (SIGHUP). What
// may change while the node runs is in force at once; for all else the log says that it needs a restart. Files that
// can't be used change nothing.
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node;

/// <summary>Watches the files of settings. Thread-safe.</summary>
/// <param name="start">What the node was started with.</param>
/// <param name="configuration">The files as they were read then; the log's levels follow it.</param>
/// <param name="files">Their paths.</param>
/// <param name="read">Reads and checks all settings anew.</param>
/// <param name="take">Puts in force what may change.</param>
/// <param name="logger">The log.</param>
/// <param name="time">The clock.</param>
internal sealed partial class SettingsReload(
    ParsedSettings start,
    IConfigurationRoot configuration,
    IReadOnlyList<string> files,
    Func<TextWriter, ParsedSettings> read,
    Action<NodeSettings> take,
    ILogger logger,
    TimeProvider time
)
{
    // The sections of the file beside the settings.
    private const string Logging = "Logging";
    private const string WebServer = "Kestrel";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(Limits.SettingsLookMs);

    private readonly Lock reading = new();
    private IReadOnlyDictionary<Setting, SettingValue> known = start.Given;
    private string digest = FileDigest.Of(files);
    private string logging = Text(configuration, Logging);
    private string webServer = Text(configuration, WebServer);

    /// <summary>Reads the files now.</summary>
    public void Reload() => Look(isAsked: true);

    /// <summary>Looks at the files again and again.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            await Task.Delay(LookEvery, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!token.IsCancellationRequested)
            {
                Look(isAsked: false);
            }
        }
    }

    private void Look(bool isAsked)
    {
        lock (reading)
        {
            var found = FileDigest.Of(files);
            if (found == digest && !isAsked)
            {
                return;
            }

            digest = found;
            try
            {
                Read();
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                // The innermost says where in the file.
                var where = e.GetBaseException();
                NotRead(logger, where == e ? e.Message : $"{e.Message} {where.Message}");
            }
        }
    }

    private void Read()
    {
        using var told = new StringWriter();
        var anew = read(told);
        if (anew.Settings is not { } settings)
        {
            NotRead(logger, told.ToString().ReplaceLineEndings(" ").Trim());
            return;
        }

        take(settings);
        FollowFiles();
        TellChanges(anew.Given);
        Done(logger);
    }

    private void TellChanges(IReadOnlyDictionary<Setting, SettingValue> given)
    {
        foreach (var setting in Setting.All.Where(setting => !IsSame(known, given, setting)))
        {
            if (setting.IsLive)
            {
                var values = given.GetValueOrDefault(setting)?.Values ?? [];
                Taken(logger, setting.Key, values.Count > 0 ? values[0] : "the default");
            }
            else
            {
                NeedsRestart(logger, setting.Key);
            }
        }

        // A setting that needs a restart is told of once.
        known = given;
    }

    private void FollowFiles()
    {
        configuration.Reload();
        var (levels, kestrel) = (Text(configuration, Logging), Text(configuration, WebServer));
        if (levels != logging)
        {
            Taken(logger, Logging, "as the file says");
        }

        if (kestrel != webServer)
        {
            NeedsRestart(logger, WebServer);
        }

        (logging, webServer) = (levels, kestrel);
    }

    private static bool IsSame(
        IReadOnlyDictionary<Setting, SettingValue> before,
        IReadOnlyDictionary<Setting, SettingValue> after,
        Setting setting
    ) =>
        (before.GetValueOrDefault(setting)?.Values ?? []).SequenceEqual(
            after.GetValueOrDefault(setting)?.Values ?? [],
            StringComparer.Ordinal
        );

    private static string Text(IConfiguration configuration, string section) =>
        string.Join('\n', configuration.GetSection(section).AsEnumerable().Select(pair => $"{pair.Key}={pair.Value}"));

    [LoggerMessage(6, LogLevel.Information, "The files of settings are read anew")]
    private static partial void Done(ILogger logger);

    // Only settings that are numbers are live: nothing that is secret is told here.
    [LoggerMessage(7, LogLevel.Information, "{Setting} has changed and is in force: {Value}")]
    private static partial void Taken(ILogger logger, string setting, string value);

    [LoggerMessage(8, LogLevel.Warning, "{Setting} has changed and needs a restart: until then the old value counts")]
    private static partial void NeedsRestart(ILogger logger, string setting);

    [LoggerMessage(
        9,
        LogLevel.Error,
        "The files of settings can't be used, and what was read before stays in force: {Why}"
    )]
    private static partial void NotRead(ILogger logger, string why);
}
