using Spillway.Delivery;

namespace Spillway.Tests.Delivery;

/// <summary>The small structures of a loop, each against its simplest model.</summary>
public sealed class LoopPartsTests
{
    [Fact]
    public void DirectQueue_RandomUse_IsAQueue()
    {
        var random = new Random(1);
        var (queue, model) = (new DirectQueue(), new Queue<int>());
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(2_000) < 1_000 + (i % 4_000 < 2_000 ? 400 : -400))
            {
                queue.Add(i);
                model.Enqueue(i);
            }
            else if (model.Count > 0)
            {
                Assert.Equal(model.Dequeue(), queue.Take());
            }

            Assert.Equal(model.Count, queue.Count);
        }
    }

    [Fact]
    public void DirtyRing_FullAndEmptiedAgain_WrapsAround()
    {
        using var ring = new DirtyRing();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 65_536; i++)
            {
                ring.Add(i, (Lane)(i % 3));
            }

            for (var i = 0; i < 65_536; i++)
            {
                Assert.True(ring.TryTake(out var strand, out var lane) && strand == i && lane == (Lane)(i % 3));
            }

            Assert.False(ring.TryTake(out _, out _) || ring.TakeOverflow());
            Assert.True(ring.IsEmpty);
        }
    }

    [Fact]
    public void DirtyRing_OneTooMany_SaysOnceThatMarksWereLost()
    {
        using var ring = new DirtyRing();
        for (var i = 0; i <= 65_536; i++)
        {
            ring.Add(i, Lane.Normal);
        }

        while (ring.TryTake(out _, out _))
        {
        }

        Assert.False(ring.IsEmpty); // There is something to do: look at everybody.
        Assert.True(ring.TakeOverflow());
        Assert.False(ring.TakeOverflow());
        Assert.True(ring.IsEmpty);
    }

    [Fact]
    public void Sweep_ConnectionsPutInDuringARound_AreVisitedInItOrInTheNextAndOnce()
    {
        using var connections = new ConnectionTable(10_000);
        using var feeds = new FeedTable(connections, 10_000, 10);
        using var sweep = new Sweep();
        List<int> cleared = [];
        for (var i = 0; i < 200; i++)
        {
            feeds.Join(connections.Add(), [i < 100 ? 1 : 2], exactOnly: true);
        }

        sweep.Add(1);
        sweep.Begin(feeds, cleared.Add);
        Assert.Equal([1], cleared);
        for (var i = 0; i < 50; i++)
        {
            Assert.True(sweep.TryTake(connections, out var taken) && taken == i);
        }

        sweep.Set(10); // The hand has passed it.
        sweep.Set(99);
        sweep.Set(9_000); // Beyond the bitmap.
        sweep.Add(2);
        Assert.Equal([.. Enumerable.Range(50, 50), 9_000], Take(sweep, connections));
        Assert.False(sweep.IsEmpty || sweep.InRound);
        sweep.Begin(feeds, cleared.Add);
        Assert.Equal([10, .. Enumerable.Range(100, 100)], Take(sweep, connections));
        Assert.True(sweep.IsEmpty);
        sweep.Add(1);
        sweep.Forget(cleared.Add);
        Assert.True(sweep.IsEmpty);
        Assert.Equal([1, 2, 1], cleared);
    }

    [Fact]
    public void RunMemo_CursorsInsideARun_GetItsSuffix()
    {
        var memo = new RunMemo();
        var buffer = memo.Lookup([3], 9, WireFormat.SseRaw, cursor: 2, out var found);
        Assert.False(found);
        buffer.Clear();
        buffer.Add(4, "four"u8, final: false, expires: 100);
        buffer.Add(7, "seven"u8, final: false, expires: long.MaxValue);
        buffer.Add(9, "nine"u8, final: true, expires: long.MaxValue);
        buffer.Remember([3], 9, WireFormat.SseRaw, floor: 2);

        Check(2, "foursevennine", 4, 7, 9);
        Check(3, "foursevennine", 4, 7, 9);
        Check(4, "sevennine", 7, 9);
        Check(6, "sevennine", 7, 9);
        Check(8, "nine", 9);
        Assert.False(Finds([3], 9, WireFormat.SseRaw, cursor: 1)); // Before what was walked.
        Assert.False(Finds([3], 9, WireFormat.SseRaw, cursor: 9)); // Nothing follows.
        Assert.False(Finds([3], 8, WireFormat.SseRaw, cursor: 3));
        Assert.False(Finds([2], 9, WireFormat.SseRaw, cursor: 3));
        Assert.False(Finds([3], 9, WireFormat.SseJson, cursor: 3));
        memo.Forget(now: 100);
        Assert.True(Finds([3], 9, WireFormat.SseRaw, cursor: 3));
        memo.Forget(now: 101);
        Assert.False(Finds([3], 9, WireFormat.SseRaw, cursor: 3)); // One of its events has expired meanwhile.

        bool Finds(int[] strands, long newest, WireFormat format, long cursor)
        {
            memo.Lookup(strands, newest, format, cursor, out var isThere);
            return isThere;
        }

        void Check(long cursor, string bytes, params long[] slots)
        {
            var run = memo.Lookup([3], 9, WireFormat.SseRaw, cursor, out var isThere).After(cursor);
            Assert.True(isThere && run.Final);
            Assert.Equal(bytes, System.Text.Encoding.UTF8.GetString(run.Bytes));
            Assert.Equal(slots, run.Slots.ToArray());
            Assert.Equal(run.Bytes.Length, run.EndOf(run.Slots.Length - 1));
        }
    }

    [Fact]
    public void RunBuffer_SetsOfManyStrands_AreNotRemembered()
    {
        var buffer = new RunBuffer();
        buffer.Clear();
        buffer.Add(1, "x"u8, final: false, expires: long.MaxValue);

        buffer.Remember([1, 2, 3, 4, 5, 6, 7, 8, 9], 1, WireFormat.SseRaw, floor: 0);

        Assert.False(buffer.Serves([1, 2, 3, 4, 5, 6, 7, 8, 9], 1, WireFormat.SseRaw, 0));
    }

    [Fact]
    public void Sweep_ConnectionsThatAreBehind_AreLeftOutUntilTheyAreNot()
    {
        using var connections = new ConnectionTable(10_000);
        using var feeds = new FeedTable(connections, 10_000, 10);
        using var sweep = new Sweep();
        for (var i = 0; i < 2_000; i++)
        {
            feeds.Join(connections.Add(), [1], exactOnly: true);
            connections.SetBehind(i, i % 3 != 0 && i != 1_999);
        }

        sweep.Add(1);
        sweep.Begin(feeds, static _ => { });
        int[] others = [.. Enumerable.Range(0, 2_000).Where(static i => i % 3 == 0 || i == 1_999)];
        Assert.Equal(others, Take(sweep, connections));
        Assert.True(sweep.IsEmpty);

        connections.SetBehind(4, false);
        connections.Remove(5);
        Assert.Equal(5, connections.Add()); // Another's bit is not its successor's.
        sweep.Add(1);
        sweep.Begin(feeds, static _ => { });
        Assert.Equal([.. others.Take(2), 4, 5, .. others.Skip(2)], Take(sweep, connections));
    }

    private static List<int> Take(Sweep sweep, ConnectionTable connections)
    {
        var taken = new List<int>();
        while (sweep.TryTake(connections, out var connection))
        {
            taken.Add(connection);
        }

        return taken;
    }
}
