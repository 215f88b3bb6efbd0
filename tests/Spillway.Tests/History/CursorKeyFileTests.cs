using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;

namespace Spillway.Tests.History;

public sealed class CursorKeyFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");

    private string FilePath => Path.Combine(_directory.FullName, CursorKeyFile.Name);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Open_NoFile_MakesAKeyForItsOwnerAloneAndKeepsIt()
    {
        File.WriteAllText(FilePath + ".next", "left by a process that was killed");

        var first = Open();
        var again = Open();

        Assert.Equal(SealedCursors.KeyLength, first.Length);
        Assert.Equal(first, again);
        Assert.Equal([CursorKeyFile.Name], Directory.GetFiles(_directory.FullName).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows()) // It has no such rights.
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        }
    }

    [Fact]
    public void Open_AnotherDirectory_HasAnotherKey()
    {
        var first = Open();
        File.Delete(FilePath);

        Assert.NotEqual(first, Open());
    }

    [Theory]
    [InlineData("")]
    [InlineData("000102030405060708090a0b0c0d0e")]
    [InlineData("000102030405060708090a0b0c0d0e0f10")]
    [InlineData("000102030405060708090a0b0c0d0e0g")]
    public void Open_SomethingElseInTheFile_SaysWhichFileAndWhatToDo(string text)
    {
        File.WriteAllText(FilePath, text);

        var fault = Assert.Throws<IOException>(Open);

        Assert.Contains($"\"{FilePath}\" does not hold 32 hexadecimal digits", fault.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(FilePath)); // Whoever restores it may want to look at it.
    }

    [Fact]
    public void OpenCursorKey_InMemory_IsAsOldAsTheProcess()
    {
        var options = new HistoryOptions { Data = HistoryFactory.InMemory };

        Assert.NotEqual(HistoryFactory.OpenCursorKey(options), HistoryFactory.OpenCursorKey(options));
        Assert.Equal(HistoryFactory.OpenCursorKey(new HistoryOptions { Data = _directory.FullName }), Open());
    }

    private byte[] Open() => new CursorKeyFile(_directory.FullName).Open();
}
