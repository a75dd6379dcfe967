// A file of settings that changes under a running node: what is in force at once, what needs a restart, and files that
// can't be used.
using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Settings;

public sealed class SettingsReloadTests : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(Limits.SettingsLookMs);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("raftlocks-");
    private readonly FakeTimeProvider time = new();
    private readonly Lines log = new();
    private readonly LiveSettings live;
    private readonly IConfigurationRoot configuration;
    private readonly ILoggerFactory loggers;
    private readonly SettingsReload reload;

    public SettingsReloadTests()
    {
        Write("""{"RaftLocks":{"MaxNamespaces":10,"Data":"a","AdminToken":"0123456789abcdef"}}""");
        configuration = Files();
        var start = Read(TextWriter.Null);
        live = new LiveSettings(start.Settings!);
        loggers = NodeConfiguration.Loggers(configuration, asJson: true);
        reload = new SettingsReload(start, configuration, [File], Read, live.Take, log, time);
    }

    private string File => Path.Combine(folder.FullName, "appsettings.json");

    public void Dispose()
    {
        loggers.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_limit_that_has_changed_is_in_force_without_anybody_asking()
    {
        using var end = new CancellationTokenSource();
        var watching = reload.RunAsync(end.Token);
        Write("""{"RaftLocks":{"MaxNamespaces":20,"MaxChannels":7,"Data":"a","AdminToken":"0123456789abcdef"}}""");

        await Eventually.HoldsAsync(() =>
        {
            time.Advance(Look);
            return Task.FromResult(live.Current.MaxNamespaces == 20);
        });

        Assert.Equal(7, live.Current.MaxChannels);
        await end.CancelAsync();
        await watching;
        Assert.Contains(
            log.Said,
            line => line.Contains("MaxNamespaces has changed and is in force: 20", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(log.Said, line => line.Contains("restart", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_left_out_of_the_file_has_its_default_again()
    {
        Write("""{"RaftLocks":{"Data":"a","AdminToken":"0123456789abcdef"}}""");

        reload.Reload();

        Assert.Equal(Limits.DefaultMaxNamespaces, live.Current.MaxNamespaces);
    }

    [Fact]
    public void What_needs_a_restart_is_told_once_and_no_secret_with_it()
    {
        Write("""{"RaftLocks":{"MaxNamespaces":10,"Data":"b","AdminToken":"another-secret-token"}}""");

        reload.Reload();
        reload.Reload();

        Assert.Single(
            log.Said,
            line => line.StartsWith("Data has changed and needs a restart", StringComparison.Ordinal)
        );
        Assert.Single(
            log.Said,
            line => line.StartsWith("AdminToken has changed and needs a restart", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(log.Said, line => line.Contains("secret", StringComparison.Ordinal));
        Assert.EndsWith("a", live.Current.DataDirectory, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_of_the_web_server_needs_a_restart_too()
    {
        Write("""{"RaftLocks":{"MaxNamespaces":10,"Data":"a","AdminToken":"0123456789abcdef"},"Kestrel":{"a":"b"}}""");

        reload.Reload();

        Assert.Contains(
            log.Said,
            line => line.StartsWith("Kestrel has changed and needs a restart", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("""{"RaftLocks":{"MaxNamespaces":20,"MaxChannels":"many"}}""", "MaxChannels 'many'")]
    [InlineData("""{"RaftLocks":{"MaxNamespaces":20,"MaxCanals":1}}""", "MaxCanals")]
    [InlineData("""{"RaftLocks":{"MaxNamespaces":20,""", "appsettings.json")]
    public void A_file_that_cannot_be_used_changes_nothing(string text, string culprit)
    {
        Write(text);

        reload.Reload();

        Assert.Equal(10, live.Current.MaxNamespaces);
        var told = Assert.Single(log.Said);
        Assert.Contains("what was read before stays in force", told, StringComparison.Ordinal);
        Assert.Contains(culprit, told, StringComparison.Ordinal);
    }

    [Fact]
    public void The_levels_of_the_log_follow_the_file()
    {
        var room = loggers.CreateLogger("RaftLocks.Raft");
        Assert.True(room.IsEnabled(LogLevel.Information));
        Assert.False(room.IsEnabled(LogLevel.Debug));

        Write(
            """
            {"RaftLocks":{"MaxNamespaces":10,"Data":"a","AdminToken":"0123456789abcdef"},
             "Logging":{"LogLevel":{"RaftLocks.Raft":"Debug","RaftLocks":"Error"}}}
            """
        );
        reload.Reload();

        Assert.True(room.IsEnabled(LogLevel.Debug));
        Assert.False(loggers.CreateLogger("RaftLocks.Journal").IsEnabled(LogLevel.Warning));
        Assert.Contains(
            log.Said,
            line => line.StartsWith("Logging has changed and is in force", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void All_that_is_live_is_taken_over_and_nothing_else()
    {
        var settings = Setting.All.Where(setting => setting.IsLive).Select(setting => setting.Key).ToHashSet();
        var before = live.Current;
        var numbers = typeof(NodeSettings)
            .GetProperties()
            .Where(property => property.PropertyType == typeof(int))
            .ToArray();
        var read = before with { };
        foreach (var number in numbers)
        {
            number.SetValue(read, (int)number.GetValue(before)! + 1);
        }

        live.Take(read);

        Assert.Equal(
            settings.Order(StringComparer.Ordinal),
            numbers
                .Where(number => !Equals(number.GetValue(before), number.GetValue(live.Current)))
                .Select(number => number.Name)
                .Order(StringComparer.Ordinal)
        );
    }

    private ParsedSettings Read(TextWriter error) =>
        CommandLine.Read([], new Hashtable(), Files(), TextWriter.Null, error);

    private IConfigurationRoot Files() => new ConfigurationBuilder().AddJsonFile(File, optional: true).Build();

    private void Write(string text) => System.IO.File.WriteAllText(File, text);
}
