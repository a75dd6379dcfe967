// The settings of a node's everyday operation: the log's form, and snapshots on a schedule.
using System.Globalization;

namespace RaftLocks.Node.Foundation;

internal sealed partial class SettingsCheck
{
    private bool IsJson()
    {
        var text = Text(OperationsSettings.LogFormat);
        var isJson = text?.Equals("json", StringComparison.OrdinalIgnoreCase) == true;
        if (text is not null && !isJson && !text.Equals("text", StringComparison.OrdinalIgnoreCase))
        {
            sources.Errors.Add($"{sources[OperationsSettings.LogFormat]!.Origin} '{text}': say text or json.");
        }

        return isJson;
    }

    private SnapshotPlan? Snapshots(string data)
    {
        var when = Text(OperationsSettings.SnapshotSchedule);
        var folder = FilePath(OperationsSettings.SnapshotFolder);
        var keep = Number(OperationsSettings.SnapshotKeep, Limits.DefaultSnapshotsKept, 1, Limits.MaxSnapshotsKept);
        if (when is null != folder is null)
        {
            sources.Errors.Add("--snapshot-schedule and --snapshot-folder belong together: give both.");
        }

        if (when is null || folder is null)
        {
            return null;
        }

        if (folder == data || folder.StartsWith(data + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            sources.Errors.Add(
                $"--snapshot-folder {folder}: it is in the data folder, which is lost as a whole. Give another."
            );
        }

        var plan = new SnapshotPlan(folder, keep);
        if (TimeOnly.TryParseExact(when, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return plan with { At = at };
        }

        if (Interval(when) is not { } every)
        {
            sources.Errors.Add(
                $"{sources[OperationsSettings.SnapshotSchedule]!.Origin} '{when}': give an interval of 1m to "
                    + $"{Limits.MaxSnapshotIntervalDays}d, such as 30m, 6h or 1d, or a time of day in UTC, such as "
                    + "02:30."
            );
            return null;
        }

        return plan with
        {
            Every = every,
        };
    }

    // Digits and a unit.
    private static TimeSpan? Interval(string text)
    {
        if (
            !int.TryParse(
                text.AsSpan(0, text.Length - 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var count
            )
            || count < 1
            || count > Limits.MaxSnapshotIntervalDays * 24 * 60
        )
        {
            return null;
        }

        TimeSpan? every = text[^1] switch
        {
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => null,
        };
        return every?.TotalDays <= Limits.MaxSnapshotIntervalDays ? every : null;
    }
}
