// What the nodes say, as text for tables. What somebody else chose is made fit for a terminal; what is missing is a
// dash.
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Shared;

internal static class Cells
{
    private const int SessionShown = 8;

    /// <summary>Text that is fit for a terminal.</summary>
    public static string? Shown(string? text) => text is null ? null : PrintableText.Of(text);

    /// <summary>A number.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>"write orders/42, read prices".</summary>
    public static string Resources(IEnumerable<Resource>? resources) =>
        PrintableText.Of(
            string.Join(
                ", ",
                (resources ?? []).Select(resource => $"{resource.Type} {LockPath.Format([.. resource.Path])}")
            )
        );

    /// <summary>The owner: the label, or the beginning of the session; null for neither.</summary>
    public static string? Who(string? label, string? session) =>
        label is { Length: > 0 } ? Shown(label)
        : session is { Length: > SessionShown } ? Shown(session[..SessionShown])
        : null;

    /// <summary>How long ago a moment was, as the nodes write moments.</summary>
    public static string Since(string? moment) =>
        DateTimeOffset.TryParse(moment, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then)
            ? Durations.Format(TimeProvider.System.GetUtcNow() - then)
            : "-";
}
