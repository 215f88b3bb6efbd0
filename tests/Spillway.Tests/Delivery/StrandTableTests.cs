using System.Globalization;
using System.Text;
using Spillway.Delivery;

namespace Spillway.Tests.Delivery;

public sealed class StrandTableTests
{
    [Fact]
    public void FindOrAdd_TopicAndPatternOfOneName_AreTwoStrands()
    {
        using var table = new StrandTable(new LimitOptions { Topics = 10 }, loops: 1);

        var topic = Add(table, "a");
        var pattern = Add(table, "a", pattern: true);

        Assert.NotEqual(topic, pattern);
        Assert.Equal(topic, table.Find("a"u8, pattern: false));
        Assert.Equal(pattern, table.Find("a"u8, pattern: true));
        Assert.Equal(-1, table.Find("b"u8, pattern: false));
    }

    [Fact]
    public void FindOrAdd_LimitReached_IsRefusedUntilOneIsFreed()
    {
        using var table = new StrandTable(new LimitOptions { Topics = 3 }, loops: 1);
        foreach (var name in new[] { "a", "b", "c" })
        {
            table.AddReference(Add(table, name), 0);
        }

        Assert.Equal(-1, table.FindOrAdd("d"u8, pattern: false, out _));
        Assert.Equal(3 + 1, table.Count); // And the overflow strand.

        table.Release(table.Find("b"u8, pattern: false), 0, tail: 1);
        Assert.NotEqual(-1, table.FindOrAdd("d"u8, pattern: false, out _));
        Assert.Equal(-1, table.Find("b"u8, pattern: false));
    }

    [Fact]
    public void Release_LastOfALoop_ClearsItsBitAndKeepsOthers()
    {
        using var table = new StrandTable(new LimitOptions { Topics = 3 }, loops: 2);
        var strand = Add(table, "a");
        table.AddReference(strand, 0);
        table.AddReference(strand, 0);
        table.AddReference(strand, 1);

        table.Release(strand, 0, tail: 1);
        Assert.Equal(0b11u, table[strand].LoopMask);
        table.Release(strand, 0, tail: 1);
        Assert.Equal(0b10u, table[strand].LoopMask);
    }

    [Fact]
    public void Release_EventStillInTheWindow_IsFreedOnlyWhenItLeaves()
    {
        using var table = new StrandTable(new LimitOptions { Topics = 3 }, loops: 1);
        var strand = Add(table, "a");
        table.AddReference(strand, 0);
        table.Head(strand).Slot = 7;

        table.Release(strand, 0, tail: 5);
        Assert.Equal(strand, table.Find("a"u8, pattern: false));
        table.Evicted(strand, 6); // An older event of it.
        Assert.Equal(strand, table.Find("a"u8, pattern: false));
        table.Evicted(strand, 7);
        Assert.Equal(-1, table.Find("a"u8, pattern: false));
    }

    [Fact]
    public void FindOrAdd_FreedNumber_BeginsAfresh()
    {
        using var table = new StrandTable(new LimitOptions { Topics = 3 }, loops: 1);
        List<int> freed = [];
        table.PatternFreed = freed.Add;
        var strand = Add(table, "a/*", pattern: true);
        table.AddReference(strand, 0);
        (table[strand].Ended, table[strand].Pending, table.Head(strand).Slot, table.Head(strand).Sequence) = (1, 1, 3, 9);
        table.Release(strand, 0, tail: 4);

        var again = Add(table, "other");

        Assert.Equal([strand], freed);
        Assert.Equal(strand, again);
        Assert.Equal((0, 0ul, 0ul, 0L, 0u), (table[again].Ended, table[again].Pending, table[again].LoopMask, table.Head(again).Slot, table.Head(again).Sequence));
        Assert.Equal(0, table[again].References);
    }

    [Fact]
    public void Strand_AsAStruct_FillsOneCacheLine()
    {
        Assert.Equal(64, System.Runtime.CompilerServices.Unsafe.SizeOf<Strand>());
        Assert.Equal(64, System.Runtime.CompilerServices.Unsafe.SizeOf<HotConnection>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void FindOrAdd_ManyComeAndGo_AgreesWithADictionary(int seed)
    {
        var random = new Random(seed); // Thousands of names in a table of 1,024 buckets and more: collisions, removed marks, rehashing.
        using var table = new StrandTable(new LimitOptions { Topics = 4_000 }, loops: 1);
        var model = new Dictionary<string, int>();
        for (var i = 0; i < 60_000; i++)
        {
            var name = random.Next(6_000).ToString(CultureInfo.InvariantCulture);
            var utf8 = Encoding.UTF8.GetBytes(name);
            if (random.Next(2) == 0 && model.Count < 4_000)
            {
                var strand = table.FindOrAdd(utf8, pattern: false, out var added);
                Assert.Equal(!model.ContainsKey(name), added);
                if (added)
                {
                    table.AddReference(strand, 0);
                    Assert.DoesNotContain(strand, model.Values.Take(50));
                    model.Add(name, strand);
                }
            }
            else if (model.Remove(name, out var strand))
            {
                Assert.Equal(strand, table.Find(utf8, pattern: false));
                table.Release(strand, 0, tail: 1);
            }

            Assert.Equal(model.GetValueOrDefault(name, -1), table.Find(utf8, pattern: false));
            Assert.Equal(model.Count + 1, table.Count);
        }
    }

    private static int Add(StrandTable table, string name, bool pattern = false) => table.FindOrAdd(Encoding.UTF8.GetBytes(name), pattern, out _);
}
