// Runs the machine's own tools: docker, ip, nft.
using System.Diagnostics;

namespace RaftLocks.Chaos.Testbed;

/// <summary>Programs that end.</summary>
internal static class Tool
{
    /// <summary>Runs one, with a text for its input if there is any; returns exit code and all that it said.</summary>
    public static async Task<(int Code, string Words)> RunToEndAsync(
        string program,
        IEnumerable<string> arguments,
        string input = ""
    )
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var words = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(words).Trim());
    }

    /// <summary>Runs one that must succeed; returns what it said.</summary>
    /// <exception cref="InvalidOperationException">It did not.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string input = "")
    {
        var all = arguments.ToArray();
        var (code, words) = await RunToEndAsync(program, all, input);
        return code == 0
            ? words
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', all)} failed with code {code}: {words}"
            );
    }
}
