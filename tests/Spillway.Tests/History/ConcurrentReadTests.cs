using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.Tests.History;

public sealed class ConcurrentReadTests
{
    private const int Topics = 20;
    private const int PatienceMilliseconds = 120_000;

    private static readonly string[] Selectors = ["t/3", "t/*", "**", "t/5 t/6 x/*", "x/7"];

    private static readonly int Events = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 500_000 : 100_000;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Read_WhileOthersAppend_GivesEveryEventOnceOrCountsIt(bool withRetention, bool inDirectory)
    {
        var limits = HistoryRig.Unlimited with
        {
            SegmentEvents = 300,
            MaxEvents = withRetention ? 2_000 : long.MaxValue,
            IndexRetention = 100_000,
            IndexBytes = inDirectory ? 50_000 : long.MaxValue,
        };
        using var directory = new TemporaryDirectory();
        using var rig = new HistoryRig(limits, inDirectory ? DirectoryStore.Open(directory.Path, NullLogger.Instance) : null);
        var readers = Selectors.Select(selectors => Task.Run(() => ReadAll(rig, selectors.Split(' '), mayForget: inDirectory), TestContext.Current.CancellationToken)).ToArray();

        var batch = new List<byte>();
        for (var offset = 1L; offset <= Events; offset++)
        {
            batch.AddRange(rig.Record(offset, $"t/{offset % Topics}", alternates: offset % 4 == 0 ? [$"x/{offset % Topics}"] : []));
            if (offset % 37 == 0 || offset == Events)
            {
                rig.History.Append(batch.ToArray());
                batch.Clear();
                if (inDirectory && offset % 5 == 0)
                {
                    rig.History.Sync();
                }
            }
        }

        await Task.WhenAll(readers);
        Assert.Equal(withRetention, rig.History.Tail > 0);
    }

    /// <summary>Follows the head to the last event. What is selected is known from the offset, so every page and every gap can be checked.</summary>
    private static void ReadAll(HistoryRig rig, string[] selectors, bool mayForget)
    {
        var set = HistoryRig.Select(selectors);
        var started = Environment.TickCount64;
        for (var after = 0L; after < Events;)
        {
            Assert.True(Environment.TickCount64 - started < PatienceMilliseconds, "The reader never came to the end.");
            var page = rig.History.Read(set, after, long.MaxValue, 4_000);
            var from = after;
            if (page.Missing is { } gap)
            {
                Assert.Equal(after, gap.From);
                Assert.True(gap.Count == CountSelected(set, after, gap.To) || (mayForget && gap.Count is null), $"{gap.Count} instead of {CountSelected(set, after, gap.To)}.");
                from = gap.To;
            }

            var offsets = HistoryRig.Offsets(page.Records);
            Assert.Equal(CountSelected(set, from, page.To), offsets.Length); // Without a gap, nothing selected was passed over.
            Assert.Equal(offsets.Order().Distinct(), offsets);
            Assert.All(HistoryRig.Divide(page.Records), record => Assert.True(set.Matches(new EventRecord(record))));
            if (page.To == after)
            {
                Thread.Yield();
            }

            after = page.To;
        }
    }

    private static long CountSelected(SelectorSet set, long after, long upTo)
    {
        var count = 0L;
        for (var offset = after + 1; offset <= upTo; offset++)
        {
            count += set.MayMatch(System.Text.Encoding.UTF8.GetBytes($"t/{offset % Topics}"))
                || (offset % 4 == 0 && set.MayMatch(System.Text.Encoding.UTF8.GetBytes($"x/{offset % Topics}"))) ? 1 : 0;
        }

        return count;
    }
}
