// The arguments and the environment of this process as the system has them. .NET decodes both, and puts U+FFFD where
// they are not UTF-8: a command must get what was written, and a lock's path must not become another one.
using System.Collections;
using System.Text;
using System.Text.Unicode;

namespace RaftLocks.Cli.Shared;

/// <summary>The bytes behind this process's arguments and variables.</summary>
internal static class RawProcess
{
    private const char Replacement = '\uFFFD';

    /// <summary>The bytes of the last arguments of this process.</summary>
    /// <param name="last">The last arguments, as .NET decoded them.</param>
    /// <exception cref="UsageException">Some are not UTF-8, and their bytes can't be had.</exception>
    public static byte[][] Arguments(string[] last)
    {
        if (!last.Any(IsDoubtful))
        {
            return [.. last.Select(Encoding.UTF8.GetBytes)];
        }

        return Behind(last)
            ?? throw new UsageException(
                "The command has an argument that is not UTF-8, and its bytes can't be read here. "
                    + "Put the whole command behind -- at the end of the line, or call it from a script."
            );
    }

    /// <summary>The bytes of the environment, each variable as NAME=VALUE.</summary>
    /// <exception cref="UsageException">Some are not UTF-8, and their bytes can't be had.</exception>
    public static byte[][] Variables()
    {
        if (OperatingSystem.IsLinux() && Read("/proc/self/environ") is { } bytes)
        {
            return bytes;
        }

        var decoded = Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(entry => $"{entry.Key}={entry.Value}")
            .ToArray();
        return decoded.FirstOrDefault(IsDoubtful) is { } doubtful
            ? throw new UsageException(
                $"The variable {doubtful.Split('=')[0]} is not UTF-8, and its bytes can't be read here. Unset it, "
                    + "or let a script set it."
            )
            : [.. decoded.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The first argument that is not UTF-8, as .NET decoded it; null if there is none.</summary>
    /// <param name="arguments">All arguments of this process.</param>
    /// <param name="commandLength">How many of them, at the end, are a command's and may be anything.</param>
    public static string? FirstNotUtf8(string[] arguments, int commandLength)
    {
        if (!arguments.Any(IsDoubtful))
        {
            return null;
        }

        var bytes = Behind(arguments);
        for (var at = 0; at < arguments.Length - commandLength; at++)
        {
            if (IsDoubtful(arguments[at]) && (bytes is null || !Utf8.IsValid(bytes[at])))
            {
                return arguments[at];
            }
        }

        return null;
    }

    /// <summary>Whether a text may stand for bytes that are not UTF-8.</summary>
    public static bool IsDoubtful(string text) => text.Contains(Replacement, StringComparison.Ordinal);

    /// <summary>The bytes of this process's last arguments; null if they can't be read, or belong to others.</summary>
    private static byte[][]? Behind(string[] last)
    {
        if (!OperatingSystem.IsLinux() || Read("/proc/self/cmdline") is not { } all || all.Length < last.Length)
        {
            return null;
        }

        var bytes = all[^last.Length..];
        return last.Zip(bytes, IsDecodedFrom).All(isSame => isSame) ? bytes : null;
    }

    private static bool IsDecodedFrom(string text, byte[] bytes) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) == text : IsDoubtful(text);

    private static byte[][]? Read(string file)
    {
        try
        {
            var bytes = File.ReadAllBytes(file).AsSpan();
            var list = new List<byte[]>();
            for (var end = bytes.IndexOf((byte)0); end >= 0; end = bytes.IndexOf((byte)0))
            {
                list.Add(bytes[..end].ToArray());
                bytes = bytes[(end + 1)..];
            }

            return [.. list];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
