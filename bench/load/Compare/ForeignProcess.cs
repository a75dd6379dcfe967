using System.Diagnostics;
using System.Globalization;
using RaftLocks.Cluster;

namespace RaftLocks.Load.Compare;

// A server program of the machine, run in the foreground with its data in a temporary folder.

/// <summary>A process that is killed in the end.</summary>
internal sealed class ForeignProcess : IAsyncDisposable
{
    private readonly Process process;

    private ForeignProcess(Process process) => this.process = process;

    /// <summary>Starts a program; what it writes goes to a file.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    public static ForeignProcess Start(string program, string logFile, params string[] arguments)
    {
        // By a shell, so that its output goes straight to the file and costs this process nothing.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$@\" > \"$0\" 2>&1");
        start.ArgumentList.Add(logFile);
        start.ArgumentList.Add(PathOf(program));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new ForeignProcess(Process.Start(start)!);
    }

    /// <summary>Whether a program is on the PATH.</summary>
    public static bool IsInstalled(string program) => Find(program) is not null;

    /// <summary>Fails when the process has ended.</summary>
    /// <exception cref="InvalidOperationException">It has.</exception>
    public void ThrowIfEnded()
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"The server ended with code {process.ExitCode}.")
            );
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signals.Send(process.Id, Signal.Kill);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static string PathOf(string program) =>
        Find(program)
        ?? throw new FileNotFoundException(
            $"{program} is not installed (on Debian: etcd is in etcd-server, redis-server in redis-server)."
        );

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
