using System.Diagnostics;

namespace Spillway.Delivery;

/// <summary>How a loop ends all its connections: slice by slice. Those whose turn has not come are served as before.</summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>The longest time between two slices.</summary>
    public static readonly TimeSpan SliceEvery = TimeSpan.FromMilliseconds(20);

    private bool _draining; // From the first slice on: who comes now is ended at once.
    private int _drainEnd; // The connections that were there are below.
    private int _drainDue; // Those below are to be ended by now,
    private int _drainNext; // and those below this one have been told so.
    private long _drainBegan;
    private long _drainTime; // Milliseconds, for all of them.

    private bool IsSlicing => _drainNext < _drainEnd;

    private bool HasDrainWork => _drainNext < _drainDue;

    private void BeginDrain(TimeSpan time) =>
        (_draining, _drainEnd, _drainNext, _drainBegan, _drainTime) = (true, _connections.End, 0, _now, (long)time.TotalMilliseconds);

    /// <summary>Ends as many connections as the time that has passed asks for, and as fit into a turn.</summary>
    private void DrainSlice()
    {
        if (!IsSlicing)
        {
            return;
        }

        var passed = _now - _drainBegan;
        _drainDue = passed >= _drainTime ? _drainEnd : (int)(_drainEnd * passed / _drainTime);
        var until = Stopwatch.GetTimestamp() + TurnTime;
        for (; _drainNext < _drainDue; _drainNext++)
        {
            if ((_drainNext & 31) == 31 && Stopwatch.GetTimestamp() > until)
            {
                return; // The rest in the next turn: others wait for their events meanwhile.
            }

            DrainOne(_drainNext, ref _connections[_drainNext]);
        }
    }

    private void DrainOne(int connection, ref HotConnection hot)
    {
        if (_wheel.IsInUse)
        {
            WriteWaiting(connection, ref hot);
        }
        else if (hot.State == ConnectionState.Live)
        {
            Visit(connection, direct: true); // What is ready goes first.
        }

        if (hot.State is ConnectionState.Live or ConnectionState.Replay)
        {
            End(connection, ref hot, CloseReason.Shutdown);
        }
    }
}
