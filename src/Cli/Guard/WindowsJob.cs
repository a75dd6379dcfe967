// Windows: this process becomes a member of a job that ends when its last handle is closed, that is with this process,
// and takes all members with it.
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RaftLocks.Cli.Guard;

[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsJob
{
    private const int ExtendedLimits = 9;
    private const int KillOnClose = 0x2000;

    // JOBOBJECT_EXTENDED_LIMIT_INFORMATION on 64-bit systems: its size, and where LimitFlags stands.
    private const int InformationBytes = 144;
    private const int FlagsAt = 16;

    private static nint job;

    /// <summary>Makes all processes that this process starts from now on end with it.</summary>
    public static void EndChildrenWithThisProcess()
    {
        if (job != 0 || !Environment.Is64BitProcess)
        {
            return;
        }

        job = CreateJobObject(0, 0);
        var information = stackalloc byte[InformationBytes];
        new Span<byte>(information, InformationBytes).Clear();
        *(int*)(information + FlagsAt) = KillOnClose;
        if (job != 0 && SetInformationJobObject(job, ExtendedLimits, information, InformationBytes))
        {
            AssignProcessToJobObject(job, GetCurrentProcess());
        }
    }

    [LibraryImport("kernel32", EntryPoint = "CreateJobObjectW")]
    private static partial nint CreateJobObject(nint security, nint name);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetInformationJobObject(nint job, int kind, byte* information, int length);

    [LibraryImport("kernel32")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool AssignProcessToJobObject(nint job, nint process);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();
}
