using System.Numerics;
using Microsoft.Extensions.Logging;
using Spillway.Delivery;

namespace Spillway.Transports.Parked;

/// <summary>Tells the log of connections that have ended, off their loops: a log writes when it likes, and locks. Those that are too many at once are counted instead.</summary>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="most">How many may wait; the next power of two is taken.</param>
internal sealed partial class EndedLog(TimeProvider time, ILogger logger, int most) : IThreadPoolWorkItem
{
    private readonly BoundedRing<EndedConnection> _waiting = new((int)BitOperations.RoundUpToPowerOf2((uint)most));
    private int _isTelling;
    private long _untold;

    /// <summary>Ends that the log does not tell: too many came at once, or it threw.</summary>
    public long Untold => Volatile.Read(ref _untold);

    /// <summary>Any thread, loops too: nothing of the log is called.</summary>
    public void Tell(in EndedConnection connection)
    {
        if (!_waiting.TryWrite(connection))
        {
            Interlocked.Increment(ref _untold);
        }
        else if (Interlocked.Exchange(ref _isTelling, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (_waiting.TryRead(out var ended))
            {
                TellOne(ended);
            }

            Volatile.Write(ref _isTelling, 0);
            Interlocked.MemoryBarrier(); // Told, then looked: what is written behind this either sees the flag or is seen here.
        }
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _isTelling, 1) == 0);
    }

    private void TellOne(in EndedConnection ended)
    {
        try
        {
            if (logger.IsEnabled(LogLevel.Debug))
            {
                Log.Ended(logger, WireFormats.TransportOf(ended.Format), ConnectionId.Format(ended.Id), ended.Reason, ended.Bytes, time.GetElapsedTime(ended.Opened), ended.Offset);
            }
        }
#pragma warning disable CA1031 // A log that throws must not end the process, nor the telling of what follows.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _untold);
        }
    }
}
