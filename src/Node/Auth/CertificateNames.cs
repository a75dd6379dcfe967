// The names in a certificate.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Node.Auth;

/// <summary>Reads names of certificates.</summary>
internal static class CertificateNames
{
    private const string CommonName = "2.5.4.3";

    private static readonly X509NameType[] Alternatives =
    [
        X509NameType.UrlName,
        X509NameType.EmailName,
        X509NameType.DnsFromAlternativeName,
    ];

    /// <summary>
    /// Whose certificate it is: the common name; without one the first URI, e-mail address or DNS name. Null if it
    /// names nobody, or has several common names.
    /// </summary>
    public static string? Holder(X509Certificate2 certificate)
    {
        try
        {
            var common = certificate
                .SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
                .Select(part => part.GetSingleElementValue())
                .ToList();
            return common.Count switch
            {
                0 => Alternatives.Select(one => certificate.GetNameInfo(one, forIssuer: false)).FirstOrDefault(IsSome),
                1 when IsSome(common[0]) => common[0],
                _ => null,
            };
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>Whether it is for one of these hosts: names, addresses.</summary>
    public static bool IsForOne(X509Certificate2 certificate, IEnumerable<string> hosts)
    {
        try
        {
            var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
            var names = alternatives
                .SelectMany(extension => extension.EnumerateDnsNames())
                .Concat(alternatives.SelectMany(extension => extension.EnumerateIPAddresses()).Select(ip => $"{ip}"))
                .ToList();
            return hosts.Any(host => names.Any(name => IsFor(name, host.Trim('[', ']'))));
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return false;
        }
    }

    private static bool IsFor(string name, string host) =>
        name.StartsWith("*.", StringComparison.Ordinal)
            ? host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsSome(string? name) => !string.IsNullOrWhiteSpace(name);

    // An authority may sign what no reader understands.
    private static bool IsUnreadable(Exception e) =>
        e is CryptographicException or InvalidOperationException or FormatException or ArgumentException;
}
