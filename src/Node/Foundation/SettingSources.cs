// Gathers what was said about each setting: the command line comes before the environment, the environment before
// appsettings.json.
using System.Collections;
using Microsoft.Extensions.Configuration;

namespace RaftLocks.Node.Foundation;

/// <summary>The given values by setting, and the errors of what could not be understood.</summary>
internal sealed class SettingSources
{
    private const string Prefix = "RAFTLOCKS_";
    private const string Section = "RaftLocks";

    // Variables of raftlocks, the command line, and of what it runs: they may well stand in the same shell.
    private static readonly HashSet<string> OfTheCommandLine = new(StringComparer.OrdinalIgnoreCase)
    {
        "NODES",
        "NAMESPACE",
        "FENCING_TOKEN",
    };

    private readonly Dictionary<Setting, SettingValue> values = [];

    /// <summary>Mistakes found so far, each a sentence.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Things that are odd, but do no harm.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Whether the configuration file has settings of the web server itself, certificates perhaps.</summary>
    public bool ConfiguresKestrel { get; private set; }

    /// <summary>All that was given.</summary>
    public IReadOnlyDictionary<Setting, SettingValue> Given => values;

    /// <summary>The values given for a setting; null for none.</summary>
    public SettingValue? this[Setting setting] => values.GetValueOrDefault(setting);

    /// <summary>Reads a configuration file's section, the weakest source.</summary>
    public SettingSources Add(IConfiguration configuration)
    {
        ConfiguresKestrel = configuration.GetSection("Kestrel").Exists();
        foreach (var child in configuration.GetSection(Section).GetChildren())
        {
            var origin = $"appsettings.json, {child.Path}";
            if (Setting.Find(child.Key) is not { } setting)
            {
                Errors.Add(
                    $"{origin}: there is no such setting. Known are "
                        + $"{string.Join(", ", Setting.All.Select(known => known.Key))}."
                );
                continue;
            }

            var items = child.GetChildren().Select(item => item.Value ?? "").ToList();
            values[setting] = new SettingValue(
                items.Count > 0 ? [.. items] : Split(setting, child.Value ?? ""),
                origin
            );
        }

        return this;
    }

    /// <summary>Reads the environment.</summary>
    public SettingSources Add(IDictionary environment)
    {
        var named = environment
            .Keys.Cast<string>()
            .Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(name => (Name: name, Key: name[Prefix.Length..].Split("__")[0], Index: IndexOf(name)))
            .GroupBy(variable => Setting.Find(variable.Key));
        foreach (var group in named)
        {
            if (group.Key is not { } setting)
            {
                Warnings.AddRange(
                    group
                        .Where(variable => !OfTheCommandLine.Contains(variable.Key))
                        .Select(variable => $"{variable.Name} is set, but is no setting of a node; it is ignored.")
                );
                continue;
            }

            var words = group
                .OrderBy(variable => variable.Index)
                .SelectMany(variable => Split(setting, (string?)environment[variable.Name] ?? ""));
            values[setting] = new SettingValue([.. words], string.Join(", ", group.Select(variable => variable.Name)));
        }

        return this;
    }

    /// <summary>Reads one option of the command line, the strongest source.</summary>
    public SettingSources Add(Setting setting, IEnumerable<string> words)
    {
        values[setting] = new SettingValue([.. words], setting.Option);
        return this;
    }

    // RAFTLOCKS_MEMBERS__0, RAFTLOCKS_MEMBERS__1 …: lists as .NET's configuration writes them.
    private static int IndexOf(string name) =>
        name.Split("__") is [_, var index]
        && int.TryParse(index, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private static string[] Split(Setting setting, string text) =>
        setting.Repeats
            ? text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [text];
}
