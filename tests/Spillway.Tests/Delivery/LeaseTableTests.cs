using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

public sealed class LeaseTableTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1_023)]
    [InlineData(1_024)]
    [InlineData(1_000_000)]
    public void Item_SetAndTakenAway_IsKnownInBetweenOnly(int number)
    {
        var (leases, lease) = (new LeaseTable(), new TestLease());
        leases.Set(number, null);
        Assert.Null(leases[number]);

        leases.Set(number, lease);
        Assert.Same(lease, leases[number]);
        Assert.Null(leases[number + 1]);

        leases.Set(number, null);
        Assert.Null(leases[number]);
    }
}
