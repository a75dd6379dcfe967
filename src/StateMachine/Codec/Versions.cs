// What a build can tell of data that a newer build wrote. Whatever else changes between versions, this stays: an
// entry begins with its magic and its version; a snapshot begins with its magic and its version, has its feature
// level at byte 32, and ends with the CRC-32C of all before.
using System.Buffers.Binary;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

/// <summary>The versions that data needs to be read, compared with what this build reads.</summary>
/// <param name="Version">The format's version, if that is newer; else 0.</param>
/// <param name="FeatureLevel">The feature level, if that is higher; else 0. -1 for commands of a kind that this build
/// does not know.</param>
public readonly record struct DataNeeds(int Version, int FeatureLevel)
{
    /// <summary>Whether this build can't read the data.</summary>
    public bool IsNewer => Version != 0 || FeatureLevel != 0;

    /// <summary>In words: what is needed, and what this build has.</summary>
    /// <param name="known">The format's version that this build reads.</param>
    public string Describe(int known) =>
        Version != 0 ? $"it has format version {Version}, this build reads format version {known}"
        : FeatureLevel > 0
            ? $"it needs feature level {FeatureLevel}, this build supports feature level "
                + $"{Versions.SupportedFeatureLevel}"
        : "it holds commands that this build does not know (it supports feature level "
            + $"{Versions.SupportedFeatureLevel})";
}

/// <summary>Distinguishes newer data from data that this build reads.</summary>
public static class Versions
{
    /// <summary>The highest feature level that this build understands.</summary>
    public const int SupportedFeatureLevel = 3;

    /// <summary>The newest version of snapshots that this build reads, and all before.</summary>
    public const int Snapshot = StateFormat.Version;

    /// <summary>The version of snapshots that a member must read at a feature level.</summary>
    public static int SnapshotAt(int featureLevel) => StateFormat.VersionAt(featureLevel);

    /// <summary>Bytes of a snapshot that <see cref="OfSnapshot"/> looks at.</summary>
    public const int SnapshotHeadBytes = LevelPosition + sizeof(int);

    private const int LevelPosition = 32;

    /// <summary>The versions that an entry of the log needs, if that is more than this build has.</summary>
    public static DataNeeds OfEntry(ReadOnlySpan<byte> entry) =>
        EntryReader.Open(entry, out _) switch
        {
            ApplyOutcome.UnknownVersion => new DataNeeds(entry[1], 0),
            ApplyOutcome.UnknownKind => new DataNeeds(0, -1),
            ApplyOutcome.AboveFeatureLevel => new DataNeeds(0, EntryReader.HighestLevel(entry)),
            _ => default,
        };

    /// <summary>
    /// The versions that a snapshot needs, by its first bytes. They may be damaged: that is for whoever checks the
    /// whole.
    /// </summary>
    public static DataNeeds OfSnapshot(ReadOnlySpan<byte> head)
    {
        if (head.Length < SnapshotHeadBytes || BinaryPrimitives.ReadUInt32LittleEndian(head) != StateFormat.Magic)
        {
            return default;
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        var level = BinaryPrimitives.ReadInt32LittleEndian(head[LevelPosition..]);
        return version > Snapshot ? new DataNeeds(version, 0)
            : version >= StateFormat.OldestVersion && level > SupportedFeatureLevel ? new DataNeeds(0, level)
            : default;
    }
}
