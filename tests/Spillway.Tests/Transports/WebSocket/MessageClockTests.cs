using Spillway.TestKit;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

public sealed class MessageClockTests
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    [Fact]
    public void Left_HalfAMessage_RunsFromItsFirstByteToItsLast()
    {
        var (time, clock) = (new ManualTimeProvider(), default(MessageClock));
        time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal((false, Most), (clock.IsRunning, clock.Left(Most, time)));

        clock.Look(isBetween: false, time);
        time.Advance(TimeSpan.FromSeconds(4));
        clock.Look(isBetween: false, time); // More of it, and not the end.

        Assert.Equal((true, TimeSpan.FromSeconds(6)), (clock.IsRunning, clock.Left(Most, time)));
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(TimeSpan.Zero, clock.Left(Most, time));
        clock.Look(isBetween: true, time);
        Assert.Equal((false, Most), (clock.IsRunning, clock.Left(Most, time)));
    }

    [Fact]
    public void Spare_HubDidNotRead_DoesNotCountThatTime()
    {
        var (time, clock) = (new ManualTimeProvider(), default(MessageClock));
        time.Advance(TimeSpan.FromSeconds(100));
        clock.Look(isBetween: false, time);
        time.Advance(TimeSpan.FromSeconds(3));
        var paused = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(30));

        clock.Spare(paused, time);

        Assert.Equal(TimeSpan.FromSeconds(7), clock.Left(Most, time));
    }
}
