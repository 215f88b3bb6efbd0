using Spillway.Client.Subscribing;

namespace Spillway.Tests.Client;

public sealed class RecentIdsTests
{
    [Fact]
    public void TryAdd_MoreThanTheCapacity_ForgetsTheOldest()
    {
        var ids = new RecentIds(capacity: 2);

        var added = "abacba".Select(c => ids.TryAdd(c.ToString())).ToArray();

        Assert.Equal([true, true, false, true, false, true], added);
    }
}
