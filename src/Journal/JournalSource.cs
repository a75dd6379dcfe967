// A journal to be read from its beginning to its end, wherever it lies: a node's data folder, a journal's folder, or an
// exported file.
using RaftLocks.Ledger;

namespace RaftLocks.Journal;

/// <summary>Walks through all items of a journal.</summary>
public abstract class JournalSource : IDisposable
{
    /// <summary>The kind of the item at hand.</summary>
    public abstract ItemKind Kind { get; }

    /// <summary>The item at hand, until the next is read.</summary>
    public abstract ReadOnlySpan<byte> Item { get; }

    /// <summary>The segment or file of the item at hand.</summary>
    public abstract string Place { get; }

    /// <summary>Bytes read so far, about.</summary>
    public abstract long BytesRead { get; }

    /// <summary>Bytes in all, about.</summary>
    public abstract long BytesInAll { get; }

    /// <summary>Opens what lies at a path.</summary>
    /// <exception cref="IOException">There is no journal, or it can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static JournalSource Open(string path)
    {
        if (File.Exists(path))
        {
            return new ExportFileSource(path);
        }

        var inside = Path.Combine(path, JournalFolder.Name);
        var folder = new JournalFolder(Directory.Exists(inside) ? inside : path);
        return folder.Segments.Count > 0
            ? new FolderSource(folder)
            : throw new FileNotFoundException(
                $"{path} is neither a journal, nor a node's data folder with one, nor an exported journal."
            );
    }

    /// <summary>Goes to the next item; false at the end.</summary>
    /// <exception cref="JournalDamagedException">What stands there is not what was written.</exception>
    public abstract bool TryNext();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what is open.</summary>
    protected abstract void Dispose(bool disposing);
}
