// Generates locks with any Unicode in their segments, and renders them as JSON in many ways: any order of fields, extra
// fields, white space, any mix of raw text and escapes.
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RaftLocks.Protocol.Tests;

/// <summary>A lock as it is meant.</summary>
public sealed record PlainLock(PlainResource[] Resources)
{
    public override string ToString() => string.Join(", ", Resources.AsEnumerable());
}

/// <summary>Generators for property tests.</summary>
public static class PlainLocks
{
    private static readonly Gen<Rune> AnyRune = Gen.OneOf(
            Gen.Choose(0, 0x7F),
            Gen.Choose(0x80, 0xFFF),
            Gen.Choose(0xE000, 0xFFFF),
            Gen.Choose(0x1_0000, 0x10_FFFF)
        )
        .Select(value => new Rune(value));

    public static Arbitrary<PlainLock> Locks()
    {
        var segment = Gen.Choose(0, 8).SelectMany(AnyRune.ArrayOf).Select(string.Concat);
        var path = Gen.Choose(1, 5).SelectMany(segment.ArrayOf);
        var resource = Gen.Elements(AccessMode.Read, AccessMode.Write)
            .SelectMany(mode => path.Select(segments => new PlainResource(mode, segments)));
        return Gen.Choose(1, 6)
            .SelectMany(resource.ArrayOf)
            .Select(resources => new PlainLock(resources))
            .ToArbitrary();
    }
}

/// <summary>Renders a lock as JSON; the seed chooses among the ways.</summary>
internal sealed class Rendering(int seed)
{
    private readonly Random random = new(seed);

    public string Render(PlainLock meant)
    {
        var fields = new List<string>
        {
            $"{Name("action")}:{Space()}{Text("lock")}",
            $"{Name("resources")}:{Space()}[{string.Join(',', meant.Resources.Select(Render))}]",
        };
        return Shuffled(fields);
    }

    private string Render(PlainResource resource)
    {
        string[] names =
            resource.Mode == AccessMode.Read
                ? ["read", "r", "READ", "R", "reaD"]
                : ["write", "w", "WRITE", "W", "wRite"];
        return Shuffled([
            $"{Name("type")}{Space()}:{Text(names[random.Next(names.Length)])}",
            $"{Name("path")}:[{Space()}{string.Join($",{Space()}", resource.Path.Select(Text))}]",
        ]);
    }

    private string Shuffled(List<string> fields)
    {
        string[] extras =
        [
            "\"x\":1",
            "\"\":[{\"path\":3}]",
            "\"paths\":null",
            "\"\\ud800\":\"\\udc00\"",
            "\"x\":{\"action\":\"release\"}",
        ];
        fields.AddRange(extras.Where(_ => random.Next(4) == 0));
        var shuffled = fields.ToArray();
        random.Shuffle(shuffled);
        return $"{Space()}{{{Space()}{string.Join($"{Space()},", shuffled)}}}{Space()}";
    }

    private string Space() =>
        random.Next(4) switch
        {
            0 => " ",
            1 => "\t\r\n",
            _ => "",
        };

    // In any letter case.
    private string Name(string name) =>
        Text(
            random.Next(3) == 0
                ? string.Concat(name.Select(letter => random.Next(2) == 0 ? char.ToUpperInvariant(letter) : letter))
                : name
        );

    private string Text(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value < ' ' || rune.Value is '"' or '\\' || random.Next(4) == 0)
            {
                foreach (var unit in rune.ToString())
                {
                    json.Append(
                        random.Next(2) == 0
                            ? "\\u" + ((int)unit).ToString("x4", CultureInfo.InvariantCulture)
                            : "\\u" + ((int)unit).ToString("X4", CultureInfo.InvariantCulture)
                    );
                }
            }
            else
            {
                json.Append(rune.ToString());
            }
        }

        return json.Append('"').ToString();
    }
}
