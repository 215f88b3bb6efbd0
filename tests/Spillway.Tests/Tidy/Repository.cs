namespace Spillway.Tests.Tidy;

/// <summary>The files that are, or would be, committed.</summary>
internal static class Repository
{
    private static readonly HashSet<string> IgnoredFolders = new(StringComparer.Ordinal)
    {
        ".git", ".idea", ".spillway", ".vs", "artifacts", "dist", "node_modules", "raw",
    };

    private static readonly HashSet<string> TextExtensions = new(StringComparer.Ordinal)
    {
        "", ".cpp", ".cs", ".csproj", ".css", ".html", ".http", ".js", ".json", ".md", ".mjs", ".props", ".sh", ".slnx", ".targets", ".ts", ".txt", ".yaml", ".yml",
    };

    private static readonly Lazy<IReadOnlyList<SourceFile>> LazyFiles = new(Load);

    public static string Root { get; } = FindRoot();

    /// <summary>All text files but what package managers write.</summary>
    public static IReadOnlyList<SourceFile> Files => LazyFiles.Value;

    /// <summary>The C# files.</summary>
    public static IEnumerable<SourceFile> Code => Files.Where(static file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>Fails with a line per fault.</summary>
    public static void ShouldBeTidy(IEnumerable<Fault> faults)
    {
        var lines = faults.Select(static fault => fault.ToString()).Order(StringComparer.Ordinal).ToList();
        Assert.True(lines.Count == 0, $"{lines.Count} places do not keep a rule of style:\n{string.Join('\n', lines)}");
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Spillway.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException(
                $"No folder above {AppContext.BaseDirectory} holds Spillway.slnx; run the tests where they were built.");
        }

        return folder;
    }

    private static List<SourceFile> Load()
    {
        var files = new List<SourceFile>();
        var folders = new Stack<string>([Root]);
        while (folders.TryPop(out var folder))
        {
            foreach (var child in Directory.EnumerateDirectories(folder).Where(static path => !IgnoredFolders.Contains(Path.GetFileName(path))))
            {
                folders.Push(child);
            }

            files.AddRange(Directory.EnumerateFiles(folder).Where(IsText).Select(static path =>
                new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path))));
        }

        return files;
    }

    // A name that begins with a dot is a name without extension; without extension are scripts and things like Makefile.
    private static bool IsText(string path)
    {
        var name = Path.GetFileName(path);
        var extension = name.LastIndexOf('.') <= 0 ? "" : Path.GetExtension(name);
        return TextExtensions.Contains(extension) && name is not ("packages.lock.json" or "package-lock.json") && new FileInfo(path).Length < 1_000_000;
    }
}
