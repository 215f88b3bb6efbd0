using System.Buffers;
using Spillway.TestKit;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

public sealed class ClosingTailTests
{
    [Fact]
    public void Take_CloseFrameAtTheEnd_IsSeenHoweverItIsCut()
    {
        foreach (var reason in (int[])[0, 2, 40, 125])
        {
            byte[] bytes = [.. Enumerable.Repeat((byte)'x', 300), .. ClientFrame.Of(8, new byte[reason], mask: 0x41424344)];
            for (var cut = 0; cut < bytes.Length; cut++)
            {
                var tail = new ClosingTail();
                Assert.False(tail.Take(new ReadOnlySequence<byte>(bytes[..cut])));
                Assert.True(tail.Take(new ReadOnlySequence<byte>(bytes[cut..])), $"{reason} bytes, cut at {cut}.");
            }
        }
    }

    [Fact]
    public void Take_NoCloseFrameOrMoreBehindIt_GoesOn()
    {
        var tail = new ClosingTail();
        Assert.False(tail.Take(default));
        Assert.False(tail.Take(new ReadOnlySequence<byte>(ClientFrame.Of(1, new byte[500]))));
        Assert.False(tail.Take(new ReadOnlySequence<byte>([.. ClientFrame.Of(8, [3, 232]), (byte)'x'])));
    }
}
