// The disk as the Raft room uses it: every file of a data folder is read, written, flushed, renamed and deleted through
// this. A node uses the operating system's (OsFileSystem). A test may put a disk in its place that loses what was not
// flushed, hangs or fails.
namespace RaftLocks.Node.Raft.Files;

/// <summary>
/// The files of one disk. All members may be called from any thread, and throw <see cref="IOException"/> where the disk
/// fails.
/// </summary>
internal interface IFileSystem
{
    /// <summary>Returns whether a file is there.</summary>
    bool FileExists(string path);

    /// <summary>Returns whether a folder is there.</summary>
    bool DirectoryExists(string path);

    /// <summary>Returns whether there is anything in a folder; false if there is no folder.</summary>
    bool HasEntries(string directory);

    /// <summary>Makes a folder, and those above it, unless it is there.</summary>
    void CreateDirectory(string path);

    /// <summary>
    /// Returns the paths of the files in a folder whose names end with an extension, in the ordinal order of their
    /// names.
    /// </summary>
    IReadOnlyList<string> ListFiles(string directory, string extension);

    /// <summary>Reads a whole file.</summary>
    byte[] ReadAllBytes(string path);

    /// <summary>Returns the length of a file.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    long LengthOf(string path);

    /// <summary>Opens a file to read it, which goes on even after the file was deleted.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    Stream OpenRead(string path);

    /// <summary>
    /// Makes a file, empty, in place of what is there. What is written to it is durable after a flush.
    /// </summary>
    IWritableFile Create(string path);

    /// <summary>Opens a file to write into it, or makes it. What is written to it is durable after a flush.</summary>
    IWritableFile OpenWrite(string path);

    /// <summary>Opens a file that is there, so that what is written to it is durable when the write returns.</summary>
    IWritableFile OpenWriteThrough(string path);

    /// <summary>
    /// Gives a file another name, in place of the file that had it. The name is durable after
    /// <see cref="FlushDirectory"/>.
    /// </summary>
    void Rename(string from, string to);

    /// <summary>
    /// Deletes a file, if it is there. It may come back with a power cut before <see cref="FlushDirectory"/>.
    /// </summary>
    void Delete(string path);

    /// <summary>Makes durable what was written to a file, by whatever handle.</summary>
    void FlushFile(string path);

    /// <summary>Makes the names in a folder durable: what was made, renamed or deleted.</summary>
    void FlushDirectory(string directory);

    /// <summary>
    /// Makes durable what can be read in a range of a file. It is written again rather than flushed: after a flush that
    /// failed, the page cache may hold as clean what the disk never got.
    /// </summary>
    void WriteBack(string path, long offset = 0, long length = long.MaxValue);

    /// <summary>
    /// Makes a file, if need be, and keeps everybody else from locking it, other processes too, until the result is
    /// disposed of.
    /// </summary>
    IDisposable Lock(string path);
}

/// <summary>A file that is open for writing. One thread at a time.</summary>
internal interface IWritableFile : IDisposable
{
    /// <summary>Writes at a position.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Makes durable what was written.</summary>
    void Flush();
}
