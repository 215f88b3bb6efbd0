using Microsoft.Extensions.Logging;
using Spillway.TestKit;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked;

public sealed class AcceptGateTests
{
    /// <summary>A table that is full all the same, of the process or of the system.</summary>
    [Theory]
    [InlineData(Errno.TooManyInProcess)]
    [InlineData(Errno.TooManyInSystem)]
    [InlineData(Errno.OutOfMemory)]
    public async Task Failed_Call_PausesOnceTellsAndTriesAgain(int error)
    {
        using var metrics = new MetricCollector();
        var (logs, clock) = (new LogCollector(), new ManualTimeProvider());
        var calls = new NativeCalls();
        var io = new IoThread(calls, logs.For<IoThread>());
        var gate = new AcceptGate(io, calls, new DescriptorGuard(calls, 0, 16), new SocketMetrics(metrics), logs.For<AcceptGate>(), clock);

        io.Schedule(_ => gate.Failed(error), null);
        io.Schedule(_ => gate.Failed(error), null);
        await TransportRig.WaitAsync(() => metrics.Sum("spillway.transports.accepting_paused") == 1, "it is shut");
        Assert.Equal(1, metrics.Sum("spillway.transports.accept_pauses", "error"));
        clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(gate.IsOpen);
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(i == 0 ? 1 : 100));
            await TransportRig.WaitAsync(() => gate.IsOpen, "it is tried again");
            io.Schedule(_ => gate.Failed(error), null); // It fails as before: nothing further is told.
            await TransportRig.WaitAsync(() => !gate.IsOpen, "it is shut again");
        }

        Assert.Equal((1, 1), (metrics.Sum("spillway.transports.accept_pauses"), metrics.Sum("spillway.transports.accepting_paused")));
        clock.Advance(TimeSpan.FromMilliseconds(100));
        await TransportRig.WaitAsync(() => gate.IsOpen, "it is tried again");
        Assert.False(gate.IsAccepting);
        clock.Advance(TimeSpan.FromMilliseconds(100));

        await TransportRig.WaitAsync(() => logs.Lines.Any(static line => line.Id == 5034), "it is told that accepting goes on");
        Assert.True(gate.IsAccepting);
        Assert.Single(logs.Lines, static line => line.Id == 5034);
        Assert.Single(logs.Lines, static line => line is { Id: 5033, Level: LogLevel.Warning });
        Assert.Equal((1, 0), (metrics.Sum("spillway.transports.accept_pauses"), metrics.Sum("spillway.transports.accepting_paused")));
        await io.StopAsync();
    }
}
