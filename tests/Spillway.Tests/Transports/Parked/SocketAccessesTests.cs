using Spillway.Access;
using Spillway.Events;
using Spillway.Transports.Parked;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.Parked;

public sealed class SocketAccessesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1_023)]
    [InlineData(1_024)]
    [InlineData(1_000_000)]
    public void Get_SetAndRemoved_IsKnownInBetweenOnly(int number)
    {
        var accesses = new SocketAccesses();
        var access = SocketAccess.Of(new AccessTicket(), SelectorSet.None, SelectorSet.None);
        accesses.Remove(number);
        Assert.Throws<InvalidOperationException>(() => accesses.Get(number));

        accesses.Set(number, access);
        Assert.Same(access, accesses.Get(number));
        Assert.Throws<InvalidOperationException>(() => accesses.Get(number + 1));

        accesses.Remove(number);
        Assert.Throws<InvalidOperationException>(() => accesses.Get(number));
    }
}
