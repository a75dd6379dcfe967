using System.Diagnostics;

namespace RaftLocks.Cluster.Tests;

// Programs that a test runs to their end, such as a build: with a bound, and with what they said where they fail.

/// <summary>Runs a program.</summary>
internal static class BoundedProcess
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(4);

    // So that no server of the compiler's stays behind, and keeps the build's output open.
    private static readonly string[] BuildOptions =
    [
        "--nologo",
        "-v",
        "quiet",
        "-nodeReuse:false",
        "-p:UseSharedCompilation=false",
        "-p:TreatWarningsAsErrors=false",
        "-p:RunAnalyzers=false",
    ];

    /// <summary>Builds a project.</summary>
    /// <exception cref="InvalidOperationException">It does not build.</exception>
    /// <exception cref="TimeoutException">The build had not ended in time, and was killed.</exception>
    public static string Build(string project, string configuration, params string[] options) =>
        Run(NodeProcess.DotNetHost, ["build", project, "-c", configuration, .. BuildOptions, .. options]);

    /// <summary>Runs a program that must succeed; returns what it said.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    /// <exception cref="TimeoutException">It had not ended in time, and was killed.</exception>
    public static string Run(string program, params string[] arguments)
    {
        var (code, said) = Start(program, arguments);
        return code == 0
            ? said
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: code {code}. {said}");
    }

    /// <summary>Runs a program; returns its exit code and what it said.</summary>
    /// <exception cref="TimeoutException">It had not ended in time, and was killed.</exception>
    public static (int Code, string Said) Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Bound) || !said.Wait(Bound))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} had not ended after {Bound.TotalSeconds:F0} s.");
        }

        return (process.ExitCode, string.Concat(said.Result));
    }
}
