using Spillway.Delivery;
using Spillway.Events;
using Spillway.History;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>A snapshot in pages: what is left out and what is damaged is told where it lies.</summary>
public sealed class SnapshotCacheTests
{
    private const long UpTo = 60;

    [Fact]
    public void Next_RandomGapsAndPages_TellsEachGapBetweenTheRecordsAroundIt()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (snapshot, expected) = MakeRandom(random);
            var cache = new SnapshotCache(new FixedHistory { Snapshot = snapshot }, new LimitOptions());

            var told = new List<string>();
            var pages = 0;
            for (long from = random.Next(2) == 0 ? 0 : snapshot.From; from < UpTo; pages++)
            {
                var page = cache.Next(Request(from), random.Next(2) == 0 ? 1 : 200);
                Assert.True(page.From == from && page.To > from && page.To <= UpTo, $"Seed {seed}: from {from} to {page.To}.");
                if (page.Missing is { } gap)
                {
                    Assert.True(gap.From == from && gap.To <= page.To, $"Seed {seed}: the gap {gap} at {from}.");
                    told.Add($"{(gap.Corrupt ? "corrupt" : "left out")} to {gap.To}");
                }

                var after = page.Missing?.To ?? from;
                foreach (var offset in Offsets(page.Records))
                {
                    Assert.InRange(offset, after + 1, page.To);
                    told.Add($"{offset}");
                }

                from = page.To;
            }

            Assert.True(expected.SequenceEqual(told), $"Seed {seed}: {string.Join(", ", told)} instead of {string.Join(", ", expected)}.");
            Assert.InRange(pages, 1, 61);
        }
    }

    private static (HistoryPage Snapshot, List<string> Told) MakeRandom(Random random)
    {
        var (records, damage, told) = (new List<byte>(), new List<HistoryGap>(), new List<string>());
        var leftOut = random.Next(2) == 0 ? random.Next(3, 12) : 0;
        if (leftOut > 0)
        {
            told.Add($"left out to {leftOut}");
        }

        for (var at = Math.Max(leftOut, 2); at < UpTo; at++)
        {
            if (random.Next(4) == 0)
            {
                records.AddRange(Records.Make(new PushEvent { Topic = "a", Payload = new byte[random.Next(100)] }, at + 1));
                told.Add($"{at + 1}");
            }
            else if (random.Next(8) == 0)
            {
                var to = Math.Min(UpTo, at + random.Next(1, 5));
                damage.Add(new HistoryGap(at, to, null, Corrupt: true));
                told.Add($"corrupt to {to}");
                at = (int)to;
            }
        }

        return (new HistoryPage(2, UpTo, records.ToArray(), leftOut > 0 ? new HistoryGap(2, leftOut, null, Corrupt: false) : null) { Damage = damage }, told);
    }

    private static IEnumerable<long> Offsets(ReadOnlyMemory<byte> records)
    {
        for (var at = 0; at < records.Length; at += EventRecord.LengthAt(records.Span[at..]))
        {
            yield return EventRecord.OffsetOf(records.Span[at..]);
        }
    }

    private static ReplayRequest Request(long from) => new(null!, 1, 1, Selectors.Of("a"), WireFormat.SseRaw, from, UpTo, null, OnlyCut: false, default);
}
