// What a source text names: namespaces, by their whole names or by what is left of them where it stands, and types.
// Comments and strings name nothing; what stands in the holes of an interpolated string does.
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

/// <summary>A source text as code.</summary>
internal sealed partial class SourceText
{
    private readonly string code;
    private readonly string ownNamespace;

    public SourceText(string text)
    {
        code = NoCode().Replace(text, skipped => skipped.Value.StartsWith('$') ? HolesOf(skipped.Value) : " ");
        ownNamespace = NamespaceDeclaration().Match(code).Groups["name"].Value;
    }

    /// <summary>The namespace that the file declares; empty if it declares none.</summary>
    public string Namespace => ownNamespace;

    /// <summary>Without comments and strings.</summary>
    public string Code => code;

    /// <summary>The types that stand in the namespace itself.</summary>
    public IEnumerable<string> Types => TypeDeclaration().Matches(code).Select(type => type.Groups["name"].Value);

    /// <summary>Whether it uses a namespace or a type of it: in a using, or before a name.</summary>
    /// <param name="name">The whole name.</param>
    /// <param name="inner">Namespaces within it that do not count.</param>
    public bool Names(string name, params IEnumerable<string> inner)
    {
        var others = string.Concat(inner.Select(part => $@"(?!\.{Regex.Escape(part)}\b)"));
        return Has($@"\b{Regex.Escape(name)}\b{others}")
            || RelativeNames(name)
                .Any(relative =>
                    Has(
                        $@"(?<![\w.]){Regex.Escape(relative)}{others}\s*\.\s*\w"
                            + $@"|^\s*using\s+(static\s+)?(\w+\s*=\s*)?{Regex.Escape(relative)}{others}\s*[;.]"
                    )
                );
    }

    /// <summary>Whether it uses a type by its name alone.</summary>
    public bool NamesType(string type) => Has($@"(?<![\w.]){type}\b");

    /// <summary>What is left to be said of a name in this file: all but a beginning that is around the file
    /// too.</summary>
    private IEnumerable<string> RelativeNames(string name)
    {
        for (var seen = ownNamespace; seen.Length > 0; seen = seen[..Math.Max(0, seen.LastIndexOf('.'))])
        {
            if (name.StartsWith(seen + ".", StringComparison.Ordinal))
            {
                yield return name[(seen.Length + 1)..];
            }
        }
    }

    private bool Has(string pattern) =>
        Regex.IsMatch(code, pattern, RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));

    private static string HolesOf(string interpolated) =>
        string.Join(' ', Hole().Matches(interpolated).Select(hole => hole.Groups["code"].Value));

    // Raw, verbatim and plain strings, characters, comments: whichever begins first.
    [GeneratedRegex(
        """"
            \$*(?<quotes>"{3,})[\s\S]*?\k<quotes>
            | [$@]*@\$?"(""|[^"])*"
            | \$?"([^"\\\n]|\\.)*"
            | '([^'\\\n]|\\.)+'
            | //.*
            | /\*[\s\S]*?\*/
            """",
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex NoCode();

    [GeneratedRegex(@"\{(?<code>[^{}]*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Hole();

    [GeneratedRegex(
        @"^namespace\s+(?<name>[\w.]+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(
        @"^(?!using|namespace)[a-z][a-z ]*?\b(class|struct|interface|enum|record)\s+(class\s+|struct\s+)?(?<name>\w+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex TypeDeclaration();
}
