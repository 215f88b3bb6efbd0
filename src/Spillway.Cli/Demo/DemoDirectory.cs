using Spillway.History.Storage;

namespace Spillway.Cli.Demo;

/// <summary>Where the demo keeps its history.</summary>
internal static class DemoDirectory
{
    /// <summary>Below the current directory.</summary>
    public static string Name { get; } = Path.Combine(".spillway", "demo");

    /// <summary>Removes everything in a directory, unless a hub runs on it.</summary>
    /// <exception cref="HistoryLockedException">A hub runs on it; nothing was removed.</exception>
    public static void Empty(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        // The lock's own files stay: without them a second hub would not find the first.
        using var held = DirectoryLock.Acquire(directory);
        foreach (var file in Directory.EnumerateFiles(directory).Where(file => !Path.GetFileName(file).StartsWith("lock", StringComparison.Ordinal)))
        {
            File.Delete(file);
        }

        foreach (var inner in Directory.EnumerateDirectories(directory))
        {
            Directory.Delete(inner, recursive: true);
        }
    }
}
