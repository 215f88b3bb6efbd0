using Spillway.Events;
using Spillway.Hub;
using Spillway.Tests.History;

namespace Spillway.Tests.Hub;

/// <summary>Readers that follow while events are published: no wake-up is lost, and the end of a topic ends nothing too early.</summary>
public sealed class EventReaderRaceTests
{
    private const int Events = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task ReadAsync_WhilePublishing_ReadsEveryEventOnceInOrderAndThenEnds(int readers)
    {
        var aborted = TestContext.Current.CancellationToken;
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 500 });
        var published = new PublishSignal();
        var reader = new EventReader(rig.History, published, rig.Clock);
        var reading = Enumerable.Range(0, readers).Select(_ => Task.Run(() => ReadAsync(reader, aborted), aborted)).ToArray();

        var publishing = Task.Run(
            () =>
            {
                for (var i = 1; i <= Events; i++)
                {
                    rig.Append("a", flags: i == Events ? EventFlags.Final : EventFlags.None);
                    published.Raise();
                }
            },
            aborted);

        await publishing;
        var read = await Task.WhenAll(reading).WaitAsync(TimeSpan.FromSeconds(60), aborted);
        Assert.All(read, static count => Assert.Equal(Events, count));
    }

    private static async Task<int> ReadAsync(EventReader reader, CancellationToken aborted)
    {
        var count = 0;
        await foreach (var item in reader.ReadAsync(new ReadOptions { Topics = ["a"], Follow = true }, aborted))
        {
            Assert.True(Position.TryParse(item.Cursor, out var position));
            Assert.Equal(++count, position.Offset);
            Assert.Equal(count == Events, item.Event!.Final);
        }

        return count;
    }
}
