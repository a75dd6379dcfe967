// Damage to one file of a data folder, as failing disks and careless people do it.
namespace RaftLocks.Chaos.Faults;

/// <summary>Flips bits, cuts off, deletes.</summary>
internal sealed class FolderDamage(Random random)
{
    // The journal is derived, and reports its own damage when it is proven; "in-use" has no contents.
    private static readonly string[] Spared = ["journal" + Path.DirectorySeparatorChar, "in-use"];

    /// <summary>Damages a folder whose node does not run; returns what was done.</summary>
    public string Inflict(string folder)
    {
        var files = Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Where(file => !Spared.Any(spared => file.StartsWith(spared, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal)
            .ToArray();
        var file = files[random.Next(files.Length)];
        var path = Path.Combine(folder, file);

        // What lies behind the last byte that is not zero was never written.
        var bytes = File.ReadAllBytes(path);
        var used = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        switch (random.Next(3))
        {
            case 0:
                File.Delete(path);
                return $"{file} deleted";
            case 1 when used > 0:
                using (var stream = new FileStream(path, FileMode.Open))
                {
                    stream.SetLength(used / 2);
                }

                return $"{file} cut off at {used / 2} of {used} bytes";
            default:
                var place = random.Next(Math.Max(1, used));
                if (bytes.Length > 0)
                {
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    File.WriteAllBytes(path, bytes);
                }

                return $"a bit of byte {place} of {file} flipped";
        }
    }
}
