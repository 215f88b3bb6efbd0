using Spillway.Delivery;

namespace Spillway.Tests.Delivery;

public sealed class BoundedRingTests
{
    [Fact]
    public void TryWrite_Full_IsRefusedUntilOneIsRead()
    {
        var ring = new BoundedRing<int>(4);
        Assert.Equal([true, true, true, true, false], Enumerable.Range(1, 5).Select(i => ring.TryWrite(i)));

        Assert.True(ring.TryRead(out var first));
        Assert.Equal((1, true, false), (first, ring.TryWrite(5), ring.TryWrite(6)));

        var rest = new List<int>();
        while (ring.TryRead(out var item))
        {
            rest.Add(item);
        }

        Assert.Equal([2, 3, 4, 5], rest);
        Assert.True(ring.IsEmpty);
    }

    [Fact]
    public async Task TryWrite_FromManyThreads_AllAreReadOnceAndInEachThreadsOrder()
    {
        const int Writers = 4, Items = 50_000;
        var ring = new BoundedRing<(int Writer, int Number)>(64);
        var token = TestContext.Current.CancellationToken;
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(
            () =>
            {
                for (var i = 0; i < Items; i++)
                {
                    while (!ring.TryWrite((writer, i)))
                    {
                        token.ThrowIfCancellationRequested();
                        Thread.Yield();
                    }
                }
            },
            token)).ToArray();
        var next = new int[Writers];
        for (var read = 0; read < Writers * Items;)
        {
            if (ring.TryRead(out var item))
            {
                Assert.Equal(next[item.Writer]++, item.Number);
                read++;
            }
            else
            {
                token.ThrowIfCancellationRequested();
                Thread.Yield();
            }
        }

        await Task.WhenAll(writing);
        Assert.True(ring.IsEmpty);
    }
}
