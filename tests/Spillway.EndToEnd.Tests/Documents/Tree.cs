namespace Spillway.EndToEnd.Tests.Documents;

/// <summary>The repository that these tests were built from.</summary>
internal static class Tree
{
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Spillway.slnx")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"No Spillway.slnx stands above {AppContext.BaseDirectory}.");
        }

        return directory.FullName;
    }
}
