using RaftLocks.Load.Nodes;

namespace RaftLocks.Load.Catchup;

/// <summary>
/// The largest size that each data folder ever had; the journal, which has a bound of its own, is left out.
/// </summary>
internal sealed class DiskWatch : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private readonly string[] folders;
    private readonly long[] peaks;
    private readonly Timer timer;

    /// <summary>Looks from now on.</summary>
    public DiskWatch(string[] folders)
    {
        this.folders = folders;
        peaks = new long[folders.Length];
        timer = new Timer(_ => Look(), null, TimeSpan.Zero, LookEvery);
    }

    /// <summary>The peaks, in the order of the folders.</summary>
    public IEnumerable<double> PeaksMb => peaks.Select(peak => Math.Round(peak / 1e6));

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private void Look()
    {
        lock (peaks)
        {
            for (var i = 0; i < folders.Length; i++)
            {
                peaks[i] = Math.Max(
                    peaks[i],
                    Directory.Exists(folders[i]) ? FolderSize.Of(folders[i], without: "journal") : 0
                );
            }
        }
    }
}
