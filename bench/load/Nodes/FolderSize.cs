namespace RaftLocks.Load.Nodes;

// Files come and go while they are counted. Log chunks are preallocated, so what counts is the room that they take.

/// <summary>Bytes in a folder.</summary>
internal static class FolderSize
{
    /// <summary>All files beneath it as they are now; without those in a folder of that name.</summary>
    public static long Of(string folder, string without = "")
    {
        var bytes = 0L;
        foreach (
            var file in new DirectoryInfo(folder).EnumerateFiles(
                "*",
                new EnumerationOptions { RecurseSubdirectories = true }
            )
        )
        {
            try
            {
                bytes +=
                    without.Length > 0 && file.FullName.Contains($"/{without}/", StringComparison.Ordinal)
                        ? 0
                        : file.Length;
            }
            catch (FileNotFoundException)
            {
                // Deleted meanwhile.
            }
        }

        return bytes;
    }
}
