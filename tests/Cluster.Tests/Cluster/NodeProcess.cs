using System.Diagnostics;

namespace RaftLocks.Cluster;

// One node of a test cluster: its settings, its data folder, and the process that runs at the moment,
// if any. It can be killed, frozen, asked to end and started again on the same data.

/// <summary>A node that runs as a process of its own.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private const int KeptLogLines = 4_000;
    private static readonly TimeSpan ExitBound = TimeSpan.FromSeconds(30);

    private readonly string[] _arguments;
    private readonly string _workingDirectory;
    private readonly Queue<string> _log = new();
    private Process? _process;

    /// <summary>Describes a node; <see cref="Start"/> runs it.</summary>
    public NodeProcess(string name, Uri? url, string workingDirectory, params string[] arguments)
    {
        Name = name;
        Url = url ?? new Uri("http://127.0.0.1:9009");
        _workingDirectory = workingDirectory;
        _arguments = arguments;
        Http = new NodeHttp(Url);
    }

    /// <summary>The node's name in its cluster.</summary>
    public string Name { get; }

    /// <summary>The address for clients.</summary>
    public Uri Url { get; }

    /// <summary>The node's pages and probes.</summary>
    public NodeHttp Http { get; }

    /// <summary>Variables that its process is started with, besides the ones of this process.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    /// <summary>The program that <see cref="Start"/> runs.</summary>
    public string Program { get; set; } = NodeBinary.Path;

    /// <summary>
    /// What stands before the command that starts it; it must become the node's process itself, as <c>ip netns exec
    /// NAME</c> does.
    /// </summary>
    public IReadOnlyList<string> Launcher { get; set; } = [];

    /// <summary>The number of the process that runs; null if none does.</summary>
    public int? ProcessId => IsRunning ? _process!.Id : null;

    /// <summary>Whether a process runs, frozen or not.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Processor time that the running process has used.</summary>
    public TimeSpan ProcessorTime => _process!.TotalProcessorTime;

    /// <summary>Whether the process is frozen.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>The exit code of the process that ended.</summary>
    public int ExitCode => _process!.ExitCode;

    /// <summary>What the node wrote, oldest first; the last thousands of lines.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    /// <summary>Starts the process.</summary>
    public void Start()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"{Name} runs already.");
        }

        string[] command = [.. Launcher, DotNetHost, Program, .. _arguments];
        var start = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = _workingDirectory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        IsFrozen = false;
        Keep($"--- {Name} starts: {string.Join(' ', _arguments)}");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        // Only now, for others may be looking; and the old one is left to the finalizer for the same reason.
        _process = process;
    }

    /// <summary>Ends the process with SIGKILL and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Send(Signal.Kill);
        await WaitForExitAsync(ExitBound);
    }

    /// <summary>Asks the process to end (SIGTERM); returns at once.</summary>
    public void Terminate() => Send(Signal.Terminate);

    /// <summary>Tells the process to read its files anew (SIGHUP); returns at once.</summary>
    public void HangUp() => Send(Signal.HangUp);

    /// <summary>Freezes the process (SIGSTOP) and waits until the kernel says so.</summary>
    public async Task FreezeAsync()
    {
        Send(Signal.Stop);
        IsFrozen = true;
        await Eventually.HoldsAsync(
            $"{Name} is frozen",
            TimeSpan.FromSeconds(5),
            async () =>
            {
                var status = await File.ReadAllTextAsync($"/proc/{_process!.Id}/status");
                return status.Contains("State:\tT", StringComparison.Ordinal);
            }
        );
    }

    /// <summary>Lets a frozen process go on (SIGCONT).</summary>
    public void Thaw()
    {
        Send(Signal.Continue);
        IsFrozen = false;
    }

    /// <summary>Waits until the process has ended and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan bound)
    {
        using var tooLong = new CancellationTokenSource(bound);
        try
        {
            await _process!.WaitForExitAsync(tooLong.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"{Name} had not ended {bound.TotalSeconds:F0} s later.", late);
        }

        return _process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }

        _process?.Dispose();
        _process = null;
        Http.Dispose();
    }

    // The host that runs this very program: the one on the PATH may be another version, or missing.
    internal static string DotNetHost { get; } =
        System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";

    private void Send(Signal signal)
    {
        Keep($"--- {Name}: {signal}");
        Signals.Send(_process!.Id, signal);
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.Enqueue(line);
            if (_log.Count > KeptLogLines)
            {
                _log.Dequeue();
            }
        }
    }
}
