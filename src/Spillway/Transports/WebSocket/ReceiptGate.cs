using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.WebSocket;

/// <summary>Which receipts of a connection that was asked for them are looked at: not too many, and each event once.</summary>
internal sealed class ReceiptGate(TimeSpan interval, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _due; // Since then.
    private (long Offset, uint Ephemeral) _last = (-1, 0);

    /// <summary>Null: it may be looked up, and <see cref="Found"/> follows if that finds it.</summary>
    public ReceiptOutcome? Check(Position position, uint ephemeral)
    {
        var now = time.GetElapsedTime(_started);
        if (now < _due - (interval / 4)) // The network makes some come a little early that were sent in time; in the long run it is one an interval.
        {
            return ReceiptOutcome.TooEarly;
        }

        if ((position.Offset, ephemeral).CompareTo(_last) <= 0)
        {
            return ReceiptOutcome.Repeated;
        }

        _due = (now > _due ? now : _due) + interval;
        return null;
    }

    public void Found(Position position, uint ephemeral) => _last = (position.Offset, ephemeral);
}
