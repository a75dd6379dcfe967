// Names of principals that somebody else proves: the authority of a client's certificate, the issuer of a JWT. A token
// without a secret, a binding, gives policies to such a name. Names stand in paths, logs and tables, so each character
// that has a meaning there is written as '~' and two hexadecimal digits for each of its bytes: cert:John~20Smith.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace RaftLocks.Api;

/// <summary>The names that bindings are for.</summary>
public static class BoundNames
{
    /// <summary>Before the name in a client's certificate.</summary>
    public const string OfCertificate = "cert:";

    /// <summary>Before the name in a JWT.</summary>
    public const string OfJwt = "jwt:";

    /// <summary>Before a group in a JWT.</summary>
    public const string OfGroup = "group:";

    private const char Escape = '~';

    private static readonly string[] Prefixes = [OfCertificate, OfJwt, OfGroup];

    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <summary>Whether a name is one that somebody else proves: then there is no secret for it.</summary>
    public static bool IsBound([NotNullWhen(true)] string? name) => PrefixOf(name) is not null;

    /// <summary>The name of what somebody else has proven; null if it is no valid text.</summary>
    /// <param name="prefix">Who proves it: one of the prefixes.</param>
    /// <param name="said">The name as the certificate or the JWT has it.</param>
    public static string? Of(string prefix, string said) => Written(prefix, said, keepsEscapes: false);

    /// <summary>
    /// A name as a person has typed it, in its one form. What is escaped already stays as it is. Names of other tokens
    /// and of policies stay as they are.
    /// </summary>
    public static string Typed(string name) =>
        PrefixOf(name) is { } prefix ? Written(prefix, name[prefix.Length..], keepsEscapes: true) ?? name : name;

    /// <summary>Whether a character needs no escape.</summary>
    public static bool IsPlain(char one) => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.' or '@' or ':';

    /// <summary>Whether a name is written in its one form.</summary>
    public static bool IsWritten(string name) =>
        IsBound(name) && Typed(name) == name && name.IndexOf(':') < name.Length - 1;

    private static string? PrefixOf(string? name) =>
        name is null ? null : Array.Find(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static string? Written(string prefix, string said, bool keepsEscapes)
    {
        byte[] bytes;
        try
        {
            bytes = StrictUtf8.GetBytes(said);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }

        var text = new StringBuilder(prefix);
        for (var i = 0; i < bytes.Length; i++)
        {
            var one = (char)bytes[i];
            if (IsPlain(one) || (keepsEscapes && one == Escape && IsHex(bytes, i + 1) && IsHex(bytes, i + 2)))
            {
                text.Append(one);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"{Escape}{bytes[i]:X2}");
            }
        }

        return text.ToString();
    }

    private static bool IsHex(byte[] bytes, int at) => at < bytes.Length && char.IsAsciiHexDigitUpper((char)bytes[at]);
}
