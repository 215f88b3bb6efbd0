using Spillway.Cli.Demo;
using Spillway.History.Storage;

namespace Spillway.Tests.Demo;

public sealed class DemoDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-");

    [Fact]
    public void Empty_FilesAndFolders_AreRemovedAndTheDirectoryIsFree()
    {
        Fill();

        DemoDirectory.Empty(_directory.FullName);

        Assert.DoesNotContain(_directory.EnumerateFileSystemInfos(), entry => !entry.Name.StartsWith("lock", StringComparison.Ordinal));
        DirectoryLock.Acquire(_directory.FullName).Dispose();
    }

    [Fact]
    public void Empty_HubRunsOnIt_RefusesAndRemovesNothing()
    {
        Fill();
        using var hub = DirectoryLock.Acquire(_directory.FullName);

        Assert.Throws<HistoryLockedException>(() => DemoDirectory.Empty(_directory.FullName));

        Assert.True(File.Exists(Path.Combine(_directory.FullName, "a.segment")));
        Assert.True(File.Exists(Path.Combine(_directory.FullName, "inner", "b.segment")));
    }

    [Fact]
    public void Empty_NoDirectory_MakesNone()
    {
        var missing = Path.Combine(_directory.FullName, "missing");

        DemoDirectory.Empty(missing);

        Assert.False(Directory.Exists(missing));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private void Fill()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "a.segment"), "a");
        File.WriteAllText(Path.Combine(_directory.CreateSubdirectory("inner").FullName, "b.segment"), "b");
    }
}
