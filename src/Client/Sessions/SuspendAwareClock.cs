// A clock whose readings count the time during which the machine was suspended: a lock's deadline passes while a laptop
// sleeps. Linux: CLOCK_BOOTTIME. macOS: CLOCK_MONOTONIC, which counts sleep there. Windows: QueryPerformanceCounter
// does already. Its timers don't need the thread pool.
using System.Runtime.InteropServices;

namespace RaftLocks.Client.Sessions;

/// <summary>The system's time, timestamps of which count suspended time.</summary>
internal sealed partial class SuspendAwareClock : TimeProvider
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int LinuxBootTime = 7;
    private const int MacMonotonic = 6;

    private readonly int? clockId;

    private SuspendAwareClock(int? clockId) => this.clockId = clockId;

    /// <summary>The best clock that this machine has.</summary>
    public static TimeProvider Instance { get; } = new SuspendAwareClock(Pick());

    /// <inheritdoc/>
    public override long TimestampFrequency => clockId is null ? base.TimestampFrequency : NanosecondsPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() =>
        clockId is not { } id ? base.GetTimestamp()
        : ClockGetTime(id, out var time) == 0 ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
        : throw new InvalidOperationException(
            $"clock_gettime({id}) failed with error {Marshal.GetLastPInvokeError()}."
        );

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        TimerThread.Shared.Create(callback, state, dueTime, period);

    // The layout of timespec below is that of 64-bit systems.
    private static int? Pick() =>
        !Environment.Is64BitProcess ? null
        : OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? LinuxBootTime
        : OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() ? MacMonotonic
        : null;

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
