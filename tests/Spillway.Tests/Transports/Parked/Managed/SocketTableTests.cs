using Spillway.Transports.Parked.Managed;

namespace Spillway.Tests.Transports.Parked.Managed;

public sealed class SocketTableTests
{
    [Fact]
    public void Add_Many_EachIsFoundByItsNumberAndNumbersAreUsedAgain()
    {
        var table = new SocketTable();
        var sockets = Enumerable.Range(0, 1_000).Select(static _ => NewSocket()).ToList();
        var numbers = sockets.Select(table.Add).ToList();

        Assert.Equal(Enumerable.Range(0, 1_000), numbers);
        Assert.Equal(sockets, numbers.Select(table.Find));
        Assert.Same(sockets[400], table.Remove(400));
        Assert.Equal((null, null, 999), (table.Find(400), table.Remove(400), table.Count));
        var next = NewSocket();
        Assert.Equal(400, table.Add(next));
        Assert.Same(next, table.Find(400));
        Assert.Null(table.Find(1_000_000));
        Assert.Null(table.Find(-1));
    }

    private static ManagedSocket NewSocket() => new(null!); // A table never looks at it.
}
