// The rooms of a folder, lowest first, and which of the others each may use. The files that are in the folder itself
// are a room too, beneath the others or above them. docs/architecture.md has the same as a table.
namespace RaftLocks.Architecture.Tests;

/// <summary>A folder with one idea.</summary>
/// <param name="Name">Its path in the building; empty for the files that are in the building's folder itself.</param>
/// <param name="MayUse">The rooms of the same building that it may use.</param>
internal sealed record Room(string Name, params string[] MayUse);

/// <summary>A folder that is divided into rooms.</summary>
/// <param name="Folder">Its path in the repository.</param>
/// <param name="Namespace">The namespace of the files that are in it; a room adds its name.</param>
/// <param name="Rooms">The rooms, lowest first.</param>
internal sealed record Building(string Folder, string Namespace, params Room[] Rooms)
{
    private readonly Lazy<string[]> ownTypes = new(() =>
        [.. OwnFiles(Folder).SelectMany(file => new SourceText(file.Text).Types)]
    );

    public string NamespaceOf(Room room) => room.Name.Length == 0 ? Namespace : $"{Namespace}.{room.Name}";

    public string FolderOf(Room room) => room.Name.Length == 0 ? Folder : $"{Folder}/{room.Name}";

    /// <summary>The files of a room: of the building's own those that are in no room.</summary>
    public SourceFile[] FilesOf(Room room) =>
        room.Name.Length == 0 ? OwnFiles(Folder) : [.. SourceTree.Files(FolderOf(room), ".cs")];

    /// <summary>Whether a text that stands in one room uses another.</summary>
    public bool Uses(SourceText text, Room room, Room other)
    {
        // Of the building's own namespace the inner ones are other rooms.
        var inner = other.Name.Length == 0 ? Rooms.Select(each => each.Name).Where(name => name.Length > 0) : [];
        if (other.Name.Length > 0 || room.Name.Length == 0)
        {
            return text.Names(NamespaceOf(other), inner);
        }

        // A room sees the types of the namespace around it without a using.
        return text.Names(Namespace, inner) || ownTypes.Value.Any(text.NamesType);
    }

    private static SourceFile[] OwnFiles(string folder) =>
        [
            .. SourceTree
                .Files(folder, ".cs")
                .Where(file => Path.GetDirectoryName(file.Path)!.Replace('\\', '/') == folder),
        ];
}

internal static class House
{
    /// <summary>How the building's own files are called in the table.</summary>
    public const string Own = "(its own files)";

    public static readonly Building[] Buildings =
    [
        new(
            "src/StateMachine",
            "RaftLocks.StateMachine",
            new Room(""),
            new Room("Primitives"),
            new Room("Vocabulary", "", "Primitives"),
            new Room("Codec", "", "Primitives", "Vocabulary"),
            new Room("Queues", "", "Primitives", "Vocabulary", "Codec"),
            new Room("State", "", "Primitives", "Vocabulary", "Codec", "Queues")
        ),
        new(
            "src/Node/Raft",
            "RaftLocks.Node.Raft",
            new Room("Transport"),
            new Room("Files"),
            new Room("Membership", "Files"),
            new Room("Storage", "Files", "Membership"),
            new Room("", "Transport", "Files", "Membership", "Storage")
        ),
        new(
            "src/Node",
            "RaftLocks.Node",
            new Room("Foundation"),
            new Room("Certificates", "Foundation"),
            new Room("Raft", "Foundation"),
            new Room("Journal", "Foundation", "Raft"),
            new Room("Http", "Foundation", "Certificates"),
            new Room("Auth", "Foundation", "Http"),
            new Room("Sessions", "Foundation", "Raft", "Http", "Auth"),
            new Room("Routing", "Foundation", "Raft", "Http", "Auth", "Sessions"),
            new Room("History", "Foundation", "Journal", "Http", "Auth"),
            new Room("Queries", "Foundation", "Raft", "Http", "Auth", "Sessions", "Routing", "History"),
            new Room("Membership", "Foundation", "Raft", "Http"),
            new Room("Backup", "Foundation", "Raft", "Http"),
            new Room("Metrics", "Foundation", "Certificates", "Raft", "Journal", "Http", "Auth", "Sessions", "Backup"),
            new Room(
                "Endpoints",
                "Foundation",
                "Certificates",
                "Raft",
                "Journal",
                "Http",
                "Auth",
                "Sessions",
                "Routing",
                "Queries",
                "Membership",
                "Metrics"
            ),
            new Room(
                "",
                "Foundation",
                "Certificates",
                "Raft",
                "Journal",
                "Http",
                "Auth",
                "Sessions",
                "Routing",
                "History",
                "Queries",
                "Membership",
                "Backup",
                "Metrics",
                "Endpoints"
            )
        ),
    ];

    /// <summary>The table of docs/architecture.md.</summary>
    public static string Table() =>
        string.Concat(
            Buildings
                .SelectMany(building => building.Rooms.Select(room => $"| {Cell(building, room)} | {Cells(room)} |\n"))
                .Prepend("|---|---|\n")
                .Prepend("| room | may use |\n")
        );

    private static string Cell(Building building, Room room) =>
        room.Name.Length == 0 ? $"`{building.Folder}` {Own}" : $"`{building.FolderOf(room)}`";

    private static string Cells(Room room) =>
        room.MayUse.Length == 0
            ? "none"
            : string.Join(", ", room.MayUse.Select(name => name.Length == 0 ? Own : $"`{name}`"));
}
