using System.Diagnostics;
using System.Security.Cryptography;

namespace RaftLocks.Cluster;

// The C sources in chaos/shims, built when they are wanted: libraries that stand between a node's process and its disk.

/// <summary>Builds the shims that make a process's disk fail.</summary>
public static class Shims
{
    private static readonly string Sources = Path.Combine(NodeBinary.RepositoryRoot, "chaos", "shims");

    /// <summary>Whether this machine can: Linux with gcc.</summary>
    public static bool CanBuild { get; } =
        OperatingSystem.IsLinux()
        && (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "gcc")));

    /// <summary>The library of a shim, by the name of its source; built once for each state of the sources.</summary>
    public static string Build(string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var source in Directory.EnumerateFiles(Sources).Order(StringComparer.Ordinal))
        {
            hash.AppendData(File.ReadAllBytes(source));
        }

        var folder = Path.Combine(
            Path.GetTempPath(),
            "raftlocks-shims-" + Convert.ToHexStringLower(hash.GetHashAndReset())[..16]
        );
        var library = Path.Combine(folder, name + ".so");
        if (!File.Exists(library))
        {
            Directory.CreateDirectory(folder);
            var beside = $"{library}.{Environment.ProcessId}";
            Compile(Path.Combine(Sources, name + ".c"), beside);
            File.Move(beside, library, overwrite: true);
        }

        return library;
    }

    private static void Compile(string source, string library)
    {
        using var gcc = Process.Start(
            new ProcessStartInfo(
                "gcc",
                ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source, "-ldl"]
            )
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        var errors = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        if (gcc.ExitCode != 0)
        {
            throw new InvalidOperationException($"{source} does not compile: {errors}");
        }
    }
}
