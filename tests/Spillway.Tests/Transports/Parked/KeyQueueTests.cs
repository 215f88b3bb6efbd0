using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

public sealed class KeyQueueTests
{
    [Fact]
    public void Add_KeyThatWaits_HasOneTurn()
    {
        var queue = new KeyQueue();
        foreach (var key in (ulong[])[1, 2, 1, 1, 2])
        {
            queue.Add(key);
        }

        Assert.Equal((2, 1UL), (queue.Count, queue.Take()));
        queue.Add(1);
        Assert.Equal((2UL, 1UL, 0), (queue.Take(), queue.Take(), queue.Count));
    }
}
