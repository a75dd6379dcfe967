// What an operator must know about certificates before clients do.
using System.Globalization;
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Metrics;

internal static class CertificateAlarms
{
    /// <summary>The alarms of one port; parts of sentences.</summary>
    public static IEnumerable<string> Of(WatchedCertificates certificates)
    {
        if (certificates.Problem is { } problem)
        {
            yield return $"the files of the {certificates.Port} port's certificates can't be used, and those read "
                + $"before stay in use: {problem}";
        }

        if (certificates.ExpiresIn is { } left && left.TotalDays < Limits.CertificateWarnDays)
        {
            yield return left < TimeSpan.Zero
                ? $"the certificate of the {certificates.Port} port has expired: replace its files"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"the certificate of the {certificates.Port} port expires in {left.TotalDays:0} days: replace its "
                        + $"files"
                );
        }
    }
}
