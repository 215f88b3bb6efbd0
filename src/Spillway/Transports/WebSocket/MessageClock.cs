namespace Spillway.Transports.WebSocket;

/// <summary>How long a client has been in the midst of a message, or of a frame, in eight bytes. No timer: whoever keeps it looks.</summary>
internal struct MessageClock
{
    private long _began; // The clock's timestamp; 0: it stands between two messages.

    public readonly bool IsRunning => _began != 0;

    /// <summary>What has come was read.</summary>
    public void Look(bool isBetween, TimeProvider time) => _began = isBetween ? 0 : _began != 0 ? _began : Math.Max(1, time.GetTimestamp());

    /// <summary>Since this timestamp nothing was read, and that was not the client's doing.</summary>
    public void Spare(long since, TimeProvider time)
    {
        if (_began != 0)
        {
            _began += time.GetTimestamp() - Math.Max(since, _began);
        }
    }

    /// <summary>What is left of the time that a message may take, or nothing.</summary>
    public readonly TimeSpan Left(TimeSpan most, TimeProvider time)
    {
        var left = _began == 0 ? most : most - time.GetElapsedTime(_began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
