using Microsoft.Extensions.Logging;
using Spillway.Delivery;
using Spillway.TestKit;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

public sealed class EndedLogTests
{
    [Fact]
    public async Task Tell_LogIsBehind_CountsWhatDoesNotFitAndTellsTheRest()
    {
        using var logger = new HeldLogger();
        var log = new EndedLog(TimeProvider.System, logger, most: 4);
        log.Tell(Ended(0));
        await ParkedRig.UntilAsync(() => logger.Told == 1, "the first, which the log is busy with");
        for (var i = 1; i <= 7; i++)
        {
            log.Tell(Ended((ulong)i));
        }

        Assert.Equal(3, log.Untold);
        logger.Release();

        await ParkedRig.UntilAsync(() => logger.Told == 5, "the four that fitted");
        Assert.Equal(3, log.Untold);
    }

    [Fact]
    public async Task Tell_LogThrows_IsCountedAndTheNextIsToldAllTheSame()
    {
        using var logger = new HeldLogger { Throws = true };
        var log = new EndedLog(TimeProvider.System, logger, most: 4);
        logger.Release();
        log.Tell(Ended(1));
        await ParkedRig.UntilAsync(() => log.Untold == 1, "the count"); // On the thread pool: unhandled it would be the end of the process.

        logger.Throws = false;
        log.Tell(Ended(2));

        await ParkedRig.UntilAsync(() => logger.Told == 2, "the next");
        Assert.Equal(1, log.Untold);
    }

    [Fact]
    public async Task Untold_EndsOfParkedConnections_AreAMetric()
    {
        using var logger = new HeldLogger { Throws = true };
        logger.Release();
        await using var rig = new ParkedRig(logger: logger);
        var adopter = rig.Transport.Prepare(await rig.SubscribeAsync(new(Selectors.Of("a"), WireFormat.SseRaw, Signals: true)), isChunked: true, null);

        adopter.Gone(CloseReason.ClientClosed);

        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.untold_ends") == 1, "the count");
    }

    private static EndedConnection Ended(ulong id) => new(id, CloseReason.ClientClosed, 0, 0, 0, WireFormat.SseRaw);

    /// <summary>Writes nothing until it is let.</summary>
    private sealed class HeldLogger : ILogger<ParkedTransport>, IDisposable
    {
        private readonly ManualResetEventSlim _released = new();
        private int _told;

        public bool Throws { get; set; }

        public int Told => Volatile.Read(ref _told);

        public void Release() => _released.Set();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _told);
            _released.Wait(TimeSpan.FromSeconds(30));
            if (Throws)
            {
                throw new InvalidOperationException("The log is broken.");
            }
        }

        public void Dispose() => _released.Dispose();
    }
}
