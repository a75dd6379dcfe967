// The errors of a node's data, of the disk and of the machine beneath it, each with what to do.
using System.Net.Sockets;

namespace RaftLocks.Node.Raft.Files;

/// <summary>The node's data can't be trusted. The message says what is wrong and what to do.</summary>
public sealed class DamagedDataException : Exception
{
    private const string WhatToDo =
        " This node must not vote or acknowledge with this data: remove it from the cluster and add it anew with "
        + "an empty data folder."
        + " (An emptied folder under the old name is not enough: the node would have forgotten what it promised.)";

    /// <summary>Says what is damaged.</summary>
    public DamagedDataException(string what, Exception? cause = null)
        : base(what + WhatToDo, cause) { }
}

/// <summary>
/// The disk of the data folder is full, read-only or failing. The message says what to do; the data itself is as good
/// as before.
/// </summary>
public sealed class DiskException(string what, Exception? cause = null)
    : IOException(what.TrimEnd('.') + WhatToDo, cause)
{
    private const string WhatToDo =
        ". Nothing that this node acknowledged is lost. See to the disk of the data folder (is it full, "
        + "read-only, or failing?), then start the node again.";
}

/// <summary>
/// Data was met that a newer version of RaftLocks wrote. The data is good, nothing of it was changed. The message says
/// which version is needed.
/// </summary>
public sealed class NewerDataException(string what, string needs, Exception? cause = null)
    : Exception(
        $"{what} was written by a newer version of RaftLocks: {needs}. Nothing was changed. Start the newer "
            + "version on this data folder.",
        cause
    )
{
    /// <summary>Makes the exception for a format with a newer version than this build reads.</summary>
    public static NewerDataException Format(string what, int version, int known) =>
        new(what, $"it has format version {version}, this build reads format version {known}");

    /// <summary>Makes the exception for a feature level that is higher than this build supports.</summary>
    public static NewerDataException Level(string what, int level, int supported) =>
        new(what, $"it needs feature level {level}, this build supports feature level {supported}");

    /// <summary>
    /// The exception itself or the first of its causes that is a <see cref="NewerDataException"/>; null if none is.
    /// </summary>
    public static NewerDataException? In(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is NewerDataException newer)
            {
                return newer;
            }
        }

        return null;
    }
}

/// <summary>
/// The machine has no memory, open files or threads left for this process. Neither the data nor the disk is to blame.
/// </summary>
public sealed class OutOfResourcesException(string what, Exception? cause = null)
    : IOException(what.TrimEnd('.') + WhatToDo, cause)
{
    private const string WhatToDo =
        ". The process has run out of memory, open files or threads; its data and its disk are well, and nothing "
        + "that it acknowledged is lost."
        + " Start it again, and raise the limit that was reached (open files: ulimit -n, LimitNOFILE).";

    private const int OutOfMemory = 12,
        TooManyFilesOfAll = 23,
        TooManyFiles = 24;

    /// <summary>
    /// Whether an error number of the system says that a resource has run out: ENOMEM, ENFILE, EMFILE.
    /// </summary>
    public static bool IsErrorNumber(int number) =>
        !OperatingSystem.IsWindows() && number is OutOfMemory or TooManyFilesOfAll or TooManyFiles;

    /// <summary>Whether an exception, or one of its causes, says that a resource has run out.</summary>
    public static bool IsIn(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (
                exception is OutOfMemoryException or OutOfResourcesException
                || (exception is IOException && IsErrorNumber(exception.HResult))
                || exception
                    is SocketException
                {
                    SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
                }
            )
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The node can't start with this data folder as it was told to.</summary>
public sealed class WrongDataDirectoryException(string message, Exception? cause = null) : Exception(message, cause);
