// Text for property tests.
using System.Text;

namespace RaftLocks.Protocol.Tests;

internal static class Unicode
{
    public static string WithoutLoneSurrogates(string text) =>
        string.Concat(
            text.EnumerateRunes().Where(rune => rune != Rune.ReplacementChar).Select(rune => rune.ToString())
        );
}
