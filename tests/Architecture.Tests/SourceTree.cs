// The repository as these tests see it: files with their text, and project files with what they refer to.
using System.Xml.Linq;

namespace RaftLocks.Architecture.Tests;

/// <summary>A file, its path relative to the repository, with slashes.</summary>
public sealed record SourceFile(string Path, string Text);

/// <summary>A project file.</summary>
public sealed record ProjectFile(string Path, XDocument Xml)
{
    /// <summary>Its folder's name, as in "StateMachine".</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path))!;

    /// <summary>The folders of the projects it refers to, as in "src/StateMachine".</summary>
    public string[] Projects =>
        [
            .. Included("ProjectReference")
                .Select(reference =>
                    System
                        .IO.Path.GetRelativePath(
                            SourceTree.Root,
                            System.IO.Path.GetFullPath(
                                System.IO.Path.Combine(SourceTree.Root, Path, "..", reference, "..")
                            )
                        )
                        .Replace('\\', '/')
                ),
        ];

    /// <summary>The packages it names.</summary>
    public string[] Packages => Included("PackageReference");

    /// <summary>Its global usings.</summary>
    public string[] Usings => Included("Using");

    private string[] Included(string element) =>
        [.. Xml.Descendants(element).Select(item => item.Attribute("Include")?.Value).OfType<string>()];
}

internal static class SourceTree
{
    private static readonly string[] Generated = ["bin", "obj", "node_modules", "raftlocks-data"];

    public static string Root { get; } = FindRoot();

    /// <summary>The files below a folder of the repository with one of the given endings.</summary>
    public static IEnumerable<SourceFile> Files(string folder, params string[] endings) =>
        from path in Walk(System.IO.Path.Combine(Root, folder))
        where endings.Contains(System.IO.Path.GetExtension(path), StringComparer.Ordinal)
        select new SourceFile(Relative(path), File.ReadAllText(path));

    /// <summary>The projects below a folder of the repository.</summary>
    public static ProjectFile[] Projects(string folder) =>
        [.. Files(folder, ".csproj").Select(file => new ProjectFile(file.Path, XDocument.Parse(file.Text)))];

    private static IEnumerable<string> Walk(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        return Directory
            .GetFiles(folder)
            .Concat(
                Directory
                    .GetDirectories(folder)
                    .Where(inner =>
                        System.IO.Path.GetFileName(inner) is var name
                        && !name.StartsWith('.')
                        && !Generated.Contains(name, StringComparer.Ordinal)
                    )
                    .SelectMany(Walk)
            );
    }

    private static string Relative(string path) => System.IO.Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "RaftLocks.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new InvalidOperationException($"No RaftLocks.sln above {AppContext.BaseDirectory}.");
    }
}
