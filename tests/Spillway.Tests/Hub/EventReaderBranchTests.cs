using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Tests.History;

namespace Spillway.Tests.Hub;

/// <summary>Reading a history that branched off, with cursors of the one that it is a copy of.</summary>
public sealed class EventReaderBranchTests
{
    [Theory]
    [InlineData(1, "2 3 new")]
    [InlineData(3, "3 new")] // Holes are positions, too.
    [InlineData(4, "new")]
    [InlineData(5, "lost 5 to 4, new")]
    public async Task ReadAsync_AfterACursorOfTheOriginal_GoesOnInTheCopyOrTellsWhatIsLost(long offset, string expected)
    {
        var (original, copy) = (new SimulatedDisk(1), new SimulatedDisk(2));
        ulong epoch;
        using (var history = Open(original))
        {
            epoch = history.Epoch;
            history.Append((byte[])[.. Record(1, "1"), .. Record(2, "2"), .. Record(4, "3")]);
        }

        copy.CopyFrom(original);
        using var branch = Open(copy);
        branch.Append(Record(branch.NextOffset, "new"));
        var reader = new EventReader(branch, new PublishSignal(), TimeProvider.System);

        var read = new List<string>();
        var start = ReadStart.After(new Position(epoch, offset).ToString());
        await foreach (var item in reader.ReadAsync(new ReadOptions { Topics = ["a"], Start = start }, TestContext.Current.CancellationToken))
        {
            read.Add(item.Gap is { } gap ? $"lost {OffsetOf(gap.From, epoch)} to {OffsetOf(gap.To, branch.Epoch)}," : Encoding.UTF8.GetString(item.Event!.Payload.Span));
        }

        Assert.Equal(expected, string.Join(' ', read));
    }

    private static SegmentedHistory Open(SimulatedDisk disk) => new(
        HistoryRig.Unlimited, DirectoryStore.Open("disk", disk, new MemoryStream(), NullLogger.Instance), TimeProvider.System, NullLogger.Instance, new HistoryMetrics(null),
        inBackground: false);

    private static byte[] Record(long offset, string payload) => Records.Make(new PushEvent { Topic = "a", Payload = Encoding.UTF8.GetBytes(payload) }, offset, 0);

    private static long OffsetOf(string cursor, ulong epoch)
    {
        Assert.True(Position.TryParse(cursor, out var position));
        Assert.Equal(epoch, position.Epoch);
        return position.Offset;
    }
}
