namespace Spillway.Transports.WebSocket;

/// <summary>Counts messages by the second, in eight bytes.</summary>
internal struct MessageRate
{
    private uint _second;
    private int _inSecond;

    /// <summary>One more message; false if that is more than <paramref name="most"/> in this second.</summary>
    public bool TryTake(TimeProvider time, int most)
    {
        var second = (uint)(time.GetTimestamp() / time.TimestampFrequency);
        (_second, _inSecond) = second == _second ? (second, _inSecond + 1) : (second, 1);
        return _inSecond <= most;
    }
}
