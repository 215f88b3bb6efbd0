using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

public sealed class ConnectionNumberTests
{
    [Fact]
    public void Next_Many_DifferAndSortAsTheyCame()
    {
        var names = Enumerable.Range(0, 1_000).Select(static _ => ConnectionNumber.Next()).ToList();

        Assert.All(names, static name => Assert.Matches("^[0-9A-V]{13}$", name));
        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
    }
}
