using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Cli;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.TestKit;
using Spillway.Tests.History;

namespace Spillway.Tests.Cli;

/// <summary>The tools for a history's directory, on one of seven segments with three events each.</summary>
public sealed class HistoryToolTests : IDisposable
{
    private const int Segments = 7;
    private readonly TemporaryDirectory _directory = new();
    private readonly ulong _epoch;

    public HistoryToolTests()
    {
        using var rig = Open();
        for (var i = 0; i < Segments * 3; i++)
        {
            rig.Append($"t/{i}");
            rig.History.Sync();
        }

        rig.History.Settle();
        _epoch = rig.History.Epoch;
    }

    public static TheoryData<string, string[]> Tools => new()
    {
        { "verify", [] }, { "stats", [] }, { "dump", [] }, { "truncate", ["--before", "2100-01-01T00:00:00Z"] }, { "fork", [] },
    };

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task History_WorkTakesLong_SaysHowFarItHasComeAndToPeopleMoreOften(string tool, string[] options)
    {
        using var copy = _directory.Copy();
        var watched = new CliRun { Clock = new SteppingClock(TimeSpan.FromMilliseconds(800)), IsErrorWatched = true };
        var logged = new CliRun { Clock = new SteppingClock(TimeSpan.FromMilliseconds(800)) };

        Assert.Equal(ExitCode.Success, await watched.RunAsync(["history", tool, _directory.Path, .. options]));
        Assert.Equal(ExitCode.Success, await logged.RunAsync(["history", tool, copy.Path, .. options]));

        var lines = Progress(watched);
        var all = tool == "truncate" ? Segments - 1 : Segments; // The newest stays.
        Assert.EndsWith($" 2 of {all} segments", lines[0], StringComparison.Ordinal);
        Assert.EndsWith($" {all} of {all} segments", lines[^1], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 3, all - 1); // 800 ms after the last one it is too early.
        Assert.Equal([lines[0], lines[^1]], Progress(logged));
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task History_WorkTakesNoTime_SaysNothingOfIt(string tool, string[] options)
    {
        var run = new CliRun { IsErrorWatched = true, Clock = new ManualTimeProvider() };

        await run.RunAsync(["history", tool, _directory.Path, .. options]);

        Assert.Equal("", run.Error.ToString());
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task History_DirectoryIsInUse_NamesTheHolderAndChangesNothing(string tool, string[] options)
    {
        using var rig = Open();
        var run = new CliRun();

        var code = await run.RunAsync(["history", tool, _directory.Path, .. options]);

        Assert.Equal((ExitCode.Failure, ""), (code, run.Out.ToString()));
        Assert.Equal(
            $"spillway: The history directory \"{_directory.Path}\" is in use by process {Environment.ProcessId}; stop that process, or give this one a directory of its own.",
            run.Error.ToString().Trim());
        Assert.Equal(_epoch, rig.History.Epoch);
    }

    [Fact]
    public async Task Fork_AfterACleanStop_SaysWhichEpochGoesOnWhere()
    {
        var run = new CliRun();

        var code = await run.RunAsync("history", "fork", _directory.Path);

        using var rig = Open();
        var last = new Position(_epoch, Segments * 3);
        Assert.Equal(ExitCode.Success, code);
        Assert.StartsWith($"epoch {Position.NameOf(rig.History.Epoch)} goes on where {Position.NameOf(_epoch)} was at {last}: ", run.Out.ToString(), StringComparison.Ordinal);
        Assert.NotEqual(_epoch, rig.History.Epoch);
        rig.CheckFind(_epoch, last.Offset, isHere: true, last.Offset);
        rig.CheckFind(_epoch, last.Offset + 1, isHere: false, last.Offset);
        Assert.Equal(Segments * 3, rig.Read(0, "**").Length);
    }

    [Fact]
    public async Task Fork_Twice_BranchesTwice()
    {
        await new CliRun().RunAsync("history", "fork", _directory.Path);
        await new CliRun().RunAsync("history", "fork", _directory.Path);

        using var rig = Open();

        rig.CheckFind(_epoch, 5, isHere: true, 5);
        Assert.Equal(Segments * 3, rig.Read(0, "**").Length);
        Assert.Equal(2, new Tests.History.Format.FormatState(Path.Combine(_directory.Path, "state")).Ancestors.Length);
    }

    [Fact]
    public async Task Truncate_OldSegments_TakesTheirSidecarsToo()
    {
        var before = Sidecars();
        File.Delete(_directory.Segments[0]); // As retention does: its sidecar stays.
        var third = new Position(_epoch, 10).ToString();
        var run = new CliRun();

        var code = await run.RunAsync("history", "truncate", _directory.Path, "--before", third);

        Assert.Equal((ExitCode.Success, "deleted 2 segments with 6 records; 4 segments stay"), (code, run.Out.ToString().Trim()));
        Assert.Equal(Segments - 1, before.Length);
        Assert.Equal(before[3..], Sidecars());
        using var rig = Open();
        Assert.Equal(10, rig.Read(0, "**")[0]);
    }

    [Fact]
    public async Task DumpAndTruncate_CursorOfAnotherEpoch_AreClearAboutIt()
    {
        await new CliRun().RunAsync("history", "fork", _directory.Path);
        var (known, lost, foreign) = (new CliRun(), new CliRun(), new CliRun());

        Assert.Equal(ExitCode.Success, await known.RunAsync("history", "dump", _directory.Path, "--after", $"{new Position(_epoch, 20)}"));
        Assert.Equal(ExitCode.Usage, await lost.RunAsync("history", "dump", _directory.Path, "--after", $"{new Position(_epoch, 22)}"));
        Assert.Equal(ExitCode.Usage, await foreign.RunAsync("history", "truncate", _directory.Path, "--before", $"{new Position(_epoch ^ 1, 20)}"));

        using var rig = Open();
        Assert.StartsWith($"{{\"_cursor\":\"{new Position(rig.History.Epoch, 21)}\"", Assert.Single(known.Out.Lines), StringComparison.Ordinal);
        Assert.Contains($"the last cursor of it that is understood is {new Position(_epoch, 21)}.", lost.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"--before is \"{new Position(_epoch ^ 1, 20)}\", a cursor of another history; ", foreign.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DumpAndTruncate_SealedCursor_IsReadByTheKeyInTheDirectory()
    {
        using var own = new SealedCursors(new CursorKeyFile(_directory.Path).Open());
        using var foreign = new SealedCursors(CursorKeyFile.Make());
        var (dump, truncate, refused) = (new CliRun(), new CliRun(), new CliRun());

        Assert.Equal(ExitCode.Success, await dump.RunAsync("history", "dump", _directory.Path, "--after", own.TextOf(new Position(_epoch, 20))));
        Assert.Equal(ExitCode.Success, await truncate.RunAsync("history", "truncate", _directory.Path, "--before", own.TextOf(new Position(_epoch, 10))));
        Assert.Equal(ExitCode.Usage, await refused.RunAsync("history", "dump", _directory.Path, "--after", foreign.TextOf(new Position(_epoch, 20))));

        Assert.StartsWith($"{{\"_cursor\":\"{new Position(_epoch, 21)}\"", Assert.Single(dump.Out.Lines), StringComparison.Ordinal);
        Assert.Contains("deleted 3 segments with 9 records", truncate.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("a cursor of another history; ", refused.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfACopy_SaysWhatTheNextStartDoes()
    {
        using var copy = new TemporaryDirectory();
        _directory.CopyTo(copy);
        using (var rig = new DirectoryRig())
        using (var other = rig.Crashed(3, 10))
        {
            File.Copy(other.Segment, Path.Combine(copy.Path, Path.GetFileName(other.Segment)), overwrite: true);
        }

        var run = new CliRun();
        await run.RunAsync("history", "verify", copy.Path);

        Assert.Contains("so this is a copy; the next start begins a new epoch", run.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("00000000000000000001-0000000001.segment: of another history; the next start puts it aside", run.Out.ToString(), StringComparison.Ordinal);
    }

    private static string[] Progress(CliRun run) => [.. run.Error.Lines.Where(static line => line.EndsWith(" segments", StringComparison.Ordinal))];

    private string[] Sidecars() => [.. Directory.GetFiles(_directory.Path, "*.index").Order(StringComparer.Ordinal)];

    private HistoryRig Open() => new(HistoryRig.Unlimited with { SegmentEvents = 3 }, DirectoryStore.Open(_directory.Path, NullLogger.Instance));
}
