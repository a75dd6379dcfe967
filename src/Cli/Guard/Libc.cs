// The system calls that .NET has no name for: signals to other processes, who reaps whom, and starting a command whose
// end this process waits for itself.
using System.Runtime.InteropServices;

namespace RaftLocks.Cli.Guard;

internal static unsafe partial class Libc
{
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigChild = 17;
    public const int SigContinue = 18;
    public const int SigStop = 19;
    public const int SigPipe = 13;
    public const int NoChild = 10;
    public const int Interrupted = 4;
    public const int BrokenPipe = 32;

    /// <summary>A mode of access: checks that the file exists.</summary>
    public const int Exists = 0;

    /// <summary>A mode of access: checks that this process may execute the file.</summary>
    public const int MayExecute = 1;

    /// <summary>A flag of posix_spawn: these signals are not ignored in the new process.</summary>
    public const short SpawnSetsDefaultSignals = 0x04;

    /// <summary>More than any C library needs for a set of signals.</summary>
    public const int SignalSetBytes = 256;

    private const int BlockSignals = 0;
    private const int SetFileDescriptorFlags = 2;
    private const int CloseOnExec = 1;
    private const int SetChildSubreaper = 36;

    /// <summary>Sends a signal.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    /// <summary>Waits for a child, or with -1 for any.</summary>
    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int process, out int status, int options);

    /// <summary>Writes bytes to an open file.</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int file, byte* bytes, nint length);

    /// <summary>A process's group; 0 for this one's.</summary>
    [LibraryImport("libc", EntryPoint = "getpgid", SetLastError = true)]
    public static partial int GetProcessGroup(int process);

    /// <summary>Whether this process may do something with a file; 0 if so.</summary>
    [LibraryImport("libc", EntryPoint = "access")]
    public static partial int Access(byte* path, int mode);

    /// <summary>Keeps a signal from the calling thread.</summary>
    public static void Block(int signal)
    {
        var signals = stackalloc byte[SignalSetBytes];
        _ = ClearSignals(signals);
        _ = AddSignal(signals, signal);
        _ = ChangeThreadSignals(BlockSignals, signals, null);
    }

    /// <summary>The effective user.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetUser();

    /// <summary>Gives a signal its default action (a handler of 0), or lets it do nothing (a handler of 1).</summary>
    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    public static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(
        out int process,
        byte* file,
        void* actions,
        byte* attributes,
        byte** arguments,
        byte** environment
    );

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int InitSpawnAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetSpawnFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetSpawnDefaultSignals(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int ClearSignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    public static partial int AddSignal(byte* signals, int signal);

    /// <summary>
    /// From now on, orphaned descendants become children of this process instead of the system's first one.
    /// </summary>
    public static bool BecomeSubreaper() => ProcessControl(SetChildSubreaper, 1, 0, 0, 0) == 0;

    /// <summary>Keeps an open file from the programs that this process starts.</summary>
    public static void KeepFromChildren(int file) => _ = FileControl(file, SetFileDescriptorFlags, CloseOnExec);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int ChangeThreadSignals(int how, byte* signals, byte* old);

    // Both take their arguments in registers on the 64-bit Linux systems that .NET runs on, whether declared variadic
    // or not.
    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int file, int command, nint argument);
}
