// A clock whose readings count the time during which the machine was suspended: a lock's deadline passes while a laptop sleeps.
// Linux: CLOCK_BOOTTIME. macOS: CLOCK_MONOTONIC, which counts sleep there. Windows: QueryPerformanceCounter does already.
using System.Runtime.InteropServices;

namespace RaftLocks.Client.Sessions;

/// <summary>The system's time, timestamps of which count suspended time.</summary>
internal sealed partial class SuspendAwareClock : TimeProvider
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int LinuxBootTime = 7;
    private const int MacMonotonic = 6;

    private readonly int clockId;

    private SuspendAwareClock(int clockId) => this.clockId = clockId;

    /// <summary>The best clock that this machine has.</summary>
    public static TimeProvider Instance { get; } = Pick();

    /// <inheritdoc/>
    public override long TimestampFrequency => NanosecondsPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() =>
        ClockGetTime(clockId, out var time) == 0
            ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
            : throw new InvalidOperationException($"clock_gettime({clockId}) failed with error {Marshal.GetLastPInvokeError()}.");

    private static TimeProvider Pick()
    {
        // The layout of timespec below is that of 64-bit systems.
        if (!Environment.Is64BitProcess)
        {
            return System;
        }

        return OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? new SuspendAwareClock(LinuxBootTime)
            : OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() ? new SuspendAwareClock(MacMonotonic)
            : System;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
