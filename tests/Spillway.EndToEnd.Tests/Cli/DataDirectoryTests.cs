using System.Buffers.Binary;
using System.Runtime.Versioning;
using Spillway.History.Storage;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>What <c>serve</c> says, as a process, about a directory that it cannot use: one line that names it and the remedy, and status 1.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DataDirectoryTests : IDisposable
{
    // Root may do everything, but for what it gives up here.
    private static readonly string[] AsAnybody = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] : ["env"];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_root.FullName, "data");

    [Theory]
    [InlineData("")]
    [InlineData("/below/it")]
    public async Task Serve_DataIsAFile_SaysSo(string below)
    {
        await File.WriteAllTextAsync(Data, "not a directory", Stop);

        await AssertRefusedAsync(Data + below, $"The history directory \"{Data}{below}\" cannot be used: \"{Data}\" is a file. Name a directory, or one that can be made.");
        Assert.Equal("not a directory", await File.ReadAllTextAsync(Data, Stop));
    }

    [Theory]
    [InlineData(UnixFileMode.None, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserExecute, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserExecute, true)]
    public async Task Serve_DataMayNotBeUsed_SaysWhoNeedsWhichRights(UnixFileMode mode, bool hasHistory)
    {
        if (hasHistory)
        {
            await FillAsync();
        }

        Directory.CreateDirectory(Data);
        File.SetUnixFileMode(Data, mode);

        await AssertRefusedAsync(
            Data, $"The history directory \"{Data}\" cannot be used by {Environment.UserName}: ", "Give that user all rights to the directory and what is in it, or name another directory.");
    }

    [Fact]
    public async Task Serve_DataIsInUse_NamesTheProcess()
    {
        var (hub, _) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", Data);
        await using var first = hub;

        await AssertRefusedAsync(Data, $"The history directory \"{Data}\" is in use by process {hub.Id}; stop that process, or give this one a directory of its own.");
    }

    [Fact]
    public async Task Serve_DataIsInUseAndToBeWaitedFor_BeginsOnceTheOtherHasStopped()
    {
        var (hub, _) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", Data);
        await using var first = hub;
        await using var second = CommandProcess.Start("serve", "--urls", "http://127.0.0.1:0", "--data", Data, "--lock-wait", "1m");

        Assert.Contains($"\"{Data}\" is in use by process {hub.Id};", await second.Error.WaitForAsync("Waiting for that, at most 00:01:00.", Stop), StringComparison.Ordinal);
        await hub.SignalAsync("TERM");

        await second.Out.WaitForAsync("listening on ", Stop);
    }

    [Theory]
    [InlineData("state", 12, 72, new[] { 0, 2_048 })]
    [InlineData("*.segment", 12, 64, new[] { 0, 64 })]
    public async Task Serve_DataOfALaterVersion_IsLeftAsItIs(string name, int checksumAt, int length, int[] copies)
    {
        await FillAsync();
        var path = Directory.GetFiles(Data, name)[0];
        var file = await File.ReadAllBytesAsync(path, Stop);
        foreach (var at in copies)
        {
            var copy = file.AsSpan(at, length);
            BinaryPrimitives.WriteUInt32LittleEndian(copy[8..], 99);
            copy.Slice(checksumAt, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(copy[checksumAt..], RecordChecksum.Compute(copy, 0));
        }

        await File.WriteAllBytesAsync(path, file, Stop);

        await AssertRefusedAsync(
            Data, $"The history in \"{Data}\" cannot be used. A file of the history has format version 99; this program reads version 1. Use the program that wrote it, or a later one.");
        Assert.Equal(file, await File.ReadAllBytesAsync(path, Stop));
    }

    [Fact]
    public async Task Serve_DataIsDamaged_GoesOnAndNamesTheFile()
    {
        await FillAsync();
        var path = Directory.GetFiles(Data, "*.segment")[0];
        var file = await File.ReadAllBytesAsync(path, Stop);
        file[file.AsSpan().IndexOf("number 5"u8)] ^= 1;
        await File.WriteAllBytesAsync(path, file, Stop);

        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", Data);
        await using var _ = hub;
        var read = await CommandProcess.RunAsync(["subscribe", "a", "--earliest", "--exit-after", "9", "--hub", url]);

        Assert.Contains($"{path} is damaged between offsets 5 and 6: what failed its checksum is skipped, subscribers are told a gap.", await hub.Error.WaitForAsync(path, Stop), StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2", "3", "4", "6", "7", "8", "9"], read.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[^1..]));
        Assert.Contains("GAP: events, nobody knows how many, missed, ", read.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (Directory.Exists(Data))
        {
            File.SetUnixFileMode(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _root.Delete(recursive: true);
    }

    /// <summary>Runs a hub on the directory that publishes ten events and stops.</summary>
    private async Task FillAsync()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", Data);
        await using var _ = hub;
        var lines = string.Concat(Enumerable.Range(0, 10).Select(static i => $"{{\"topic\":\"a\",\"payload\":\"number {i}\"}}\n"));
        Assert.Equal(0, (await CommandProcess.RunAsync(["publish", "--ndjson", "--hub", url], lines)).Code);
        await hub.SignalAsync("TERM");
        Assert.Equal(0, await hub.ExitAsync());
    }

    private static async Task AssertRefusedAsync(string data, string begin, string end = "")
    {
        await using var hub = CommandProcess.Start(AsAnybody[0], [.. AsAnybody[1..], CommandProcess.Executable, "serve", "--urls", "http://127.0.0.1:0", "--data", data]);

        var code = await hub.ExitAsync();

        Assert.Equal((1, ""), (code, hub.Out.ToString()));
        var line = Assert.Single(hub.Error.Lines);
        Assert.StartsWith("spillway: the hub cannot start: " + begin, line, StringComparison.Ordinal);
        Assert.EndsWith(end, line, StringComparison.Ordinal);
    }
}
