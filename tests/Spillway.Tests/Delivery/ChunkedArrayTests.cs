using System.Text;
using Spillway.Delivery;

namespace Spillway.Tests.Delivery;

public sealed class ChunkedArrayTests
{
    private const int Expected = 10;
    private const int Chunk = 16_384;

    [Fact]
    public void Ensure_BeyondWhatWasExpected_GrowsAndMovesNothing()
    {
        using var array = new ChunkedArray<long>(Expected);
        array.Ensure(3);
        ref var early = ref array[3];

        foreach (var index in (int[])[Chunk, (3 * Chunk) - 1, 40 * Chunk, 7 * Chunk])
        {
            Assert.False(array.Has(index));
            array.Ensure(index);
            Assert.True(array.Has(index));
            Assert.Equal(0, array[index]);
            array[index] = index;
        }

        early = 17;
        Assert.Equal((17, 40L * Chunk, 7L * Chunk), (array[3], array[40 * Chunk], array[7 * Chunk]));
        Assert.False(array.Has(39 * Chunk));
        Assert.False(array.Has(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Ensure(-1));
    }

    [Fact]
    public async Task Items_ToldToOtherThreadsWhileItGrows_AreReadAsTheyWereWritten()
    {
        using var array = new ChunkedArray<long>(Expected);
        var told = -1;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var last = -1; last < 199;)
            {
                last = Volatile.Read(ref told);
                for (var i = 0; i <= last; i++)
                {
                    Assert.True(array.Has(i * Chunk));
                    Assert.Equal(i + 1, array[i * Chunk]);
                }
            }
        })).ToArray();

        for (var i = 0; i < 200; i++)
        {
            array.Ensure(i * Chunk);
            array[i * Chunk] = i + 1;
            Volatile.Write(ref told, i);
        }

        await Task.WhenAll(readers);
    }

    [Fact]
    public void StrandTable_LimitIsRaisedAndLowered_TakesMoreAndKeepsWhatThereIs()
    {
        var limits = new LimitOptions { Topics = 2 };
        using var table = new StrandTable(limits, loops: 1);
        Assert.Equal([true, true, false], Add(table, 0, 3));

        limits.Topics = 40_000;
        Assert.DoesNotContain(false, Add(table, 0, 40_000));
        limits.Topics = 3;

        Assert.Equal([true, false], Add(table, 39_999, 40_001));
        Assert.Equal("t39999", Encoding.UTF8.GetString(table.Name(table.Find("t39999"u8, pattern: false))));
    }

    [Fact]
    public void ConnectionsAndFeeds_MoreThanWereExpected_AreAllThere()
    {
        using var connections = new ConnectionTable(Expected);
        using var feeds = new FeedTable(connections, Expected, Expected);
        using var wheel = new BatchWheel(Expected);
        for (var i = 0; i < 40_000; i++)
        {
            var connection = connections.Add();
            feeds.Join(connection, [i], exactOnly: true);
            wheel.Ensure(connection);
        }

        Assert.Equal((40_000, 40_000), (connections.Count, feeds.Count));
        Assert.Equal([20_000], feeds.Subscribers(20_000).ToArray());
    }

    private static IEnumerable<bool> Add(StrandTable table, int from, int to) =>
        [.. Enumerable.Range(from, to - from).Select(i => table.FindOrAdd(Encoding.UTF8.GetBytes($"t{i}"), pattern: false, out _) >= 0)];
}
