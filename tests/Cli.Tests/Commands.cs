// Runs the command line: within this process, where only words and codes matter, or as a process of its own, where
// signals do.
using System.Collections.Concurrent;
using System.Diagnostics;

namespace RaftLocks.Cli.Tests;

/// <summary>How a command ended and what it said.</summary>
public sealed record Outcome(int Code, string Out, string Error);

internal static class Commands
{
    public static async Task<Outcome> RunAsync(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var answers = new StringReader(input);
        using var signals = new Shared.Signals();
        var code = await App.RunAsync(
            arguments,
            new Terminal(
                TextWriter.Synchronized(output),
                TextWriter.Synchronized(error),
                answers,
                IsInteractive: false
            ),
            signals
        );
        return new Outcome(code, output.ToString(), error.ToString());
    }

    public static Task<Outcome> RunAsync(NodeProcess node, params string[] arguments) =>
        RunAsync("", [.. arguments, "--node", node.Url.ToString()]);
}

/// <summary>The command line as a process.</summary>
public sealed class CommandProcess : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> error = new();

    public CommandProcess(params string[] arguments)
        : this([], [], arguments) { }

    /// <param name="launcher">A program and its arguments that becomes the command line itself, as <c>setsid</c>
    /// does.</param>
    /// <param name="variables">Beside this process's environment.</param>
    /// <param name="arguments">The command line.</param>
    public CommandProcess(string[] launcher, (string Name, string Value)[] variables, string[] arguments)
    {
        string[] command = [.. launcher, Host, typeof(App).Assembly.Location, .. arguments];
        var start = new ProcessStartInfo(command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => error.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The program that runs this one.</summary>
    public static string Host =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public TextWriter Input => process.StandardInput;

    /// <summary>Waits until the process has said this.</summary>
    public Task SaysAsync(string text) =>
        Eventually.HoldsAsync(
            $"the process says '{text}'",
            Bound,
            () => Task.FromResult(output.Concat(error).Any(line => line.Contains(text, StringComparison.Ordinal)))
        );

    /// <summary>How many lines of the output have this in them.</summary>
    public int Lines(string text) => output.Count(line => line.Contains(text, StringComparison.Ordinal));

    public async Task<Outcome> EndAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        await process.WaitForExitAsync(bound.Token);
        return new Outcome(process.ExitCode, string.Join('\n', output), string.Join('\n', error));
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
