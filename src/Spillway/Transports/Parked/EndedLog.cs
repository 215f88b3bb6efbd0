using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Spillway.Delivery;

namespace Spillway.Transports.Parked;

/// <summary>Tells the log of connections that have ended, off their loops: a log writes when it likes. Those that are too many at once are counted instead.</summary>
internal sealed partial class EndedLog(TimeProvider time, ILogger logger)
{
    private const int MostWaiting = 4_096;

    private readonly Channel<EndedConnection> _waiting = Channel.CreateBounded<EndedConnection>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private int _isTelling;
    private long _dropped;

    public long Dropped => Volatile.Read(ref _dropped);

    public void Tell(in EndedConnection connection)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        if (!_waiting.Writer.TryWrite(connection))
        {
            Interlocked.Increment(ref _dropped);
        }
        else if (Interlocked.Exchange(ref _isTelling, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static log => log.TellWaiting(), this, preferLocal: false);
        }
    }

    private void TellWaiting()
    {
        do
        {
            while (_waiting.Reader.TryRead(out var ended))
            {
                var id = "c-" + ended.Id.ToString("x16", CultureInfo.InvariantCulture);
                Log.Ended(logger, WireFormats.TransportOf(ended.Format), id, ended.Reason, ended.Bytes, time.GetElapsedTime(ended.Opened), ended.Offset);
            }

            Volatile.Write(ref _isTelling, 0);
            Interlocked.MemoryBarrier(); // Told, then looked: what is written behind this either sees the flag or is seen here.
        }
        while (_waiting.Reader.Count > 0 && Interlocked.Exchange(ref _isTelling, 1) == 0);
    }
}
