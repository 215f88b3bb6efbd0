namespace Spillway.Transports.Parked;

/// <summary>
/// Says when to stop accepting: a full table of descriptors ends the .NET runtime, which opens files lazily. A new descriptor takes the lowest free number, so the number alone tells how full the table
/// is, whoever uses it.
/// </summary>
internal sealed class DescriptorGuard
{
    private const int MostProbes = 64;

    private readonly SocketCalls _calls;
    private readonly long _limit;
    private readonly int _reserve;
    private readonly int _room;

    /// <param name="calls">The system.</param>
    /// <param name="limit">Descriptors that the process may have; 0: as the system says.</param>
    /// <param name="reserve">How many of them are kept for everything but new connections.</param>
    public DescriptorGuard(SocketCalls calls, long limit, int reserve)
    {
        (_calls, _limit, _reserve) = (calls, limit, reserve);
        StopAt = Known - reserve;
        _room = Math.Clamp(reserve / 8, 1, MostProbes);
        if (StopAt <= 0)
        {
            throw new InvalidOperationException($"Spillway:Transports:DescriptorReserve is {reserve}, but the process may have only {Known} descriptors: no connection could be accepted. Raise the limit (ulimit -n), or lower the reserve.");
        }
    }

    /// <summary>The first number of the reserve.</summary>
    public long StopAt { get; private set; }

    private long Known => _limit > 0 ? Math.Min(_limit, _calls.DescriptorLimit) : _calls.DescriptorLimit;

    /// <summary>Whether a descriptor that was just made is among the reserve's.</summary>
    public bool IsFull(int newest) => _calls.DescriptorOf(newest) >= StopAt;

    /// <summary>Whether an eighth of the reserve is free below it: fewer would be taken again at once, and a hub at its limit would stop and resume all the time.</summary>
    /// <param name="any">Makes what takes descriptors.</param>
    public bool HasRoom(SocketSet any)
    {
        StopAt = Known - _reserve; // Somebody may have raised the limit of the running process.
        Span<int> copies = stackalloc int[_room];
        var made = 0;
        while (made < _room && any.TryProbe(out copies[made]) && !IsFull(copies[made++]))
        {
        }

        var room = made == _room && !IsFull(copies[made - 1]);
        foreach (var copy in copies[..made])
        {
            _calls.Close(copy);
        }

        return room;
    }
}
