namespace Spillway.Delivery;

/// <summary>Strands with news for one loop: one writer (the dispatcher, under its lock), one reader. When it overflows, every strand counts as dirty.</summary>
internal sealed class DirtyRing : IDisposable
{
    private const int Length = 65_536;
    private const int CriticalMark = int.MinValue;
    private const int BatchedMark = 1 << 30; // Above every strand (LimitOptions.Topics).

    private readonly NativeArray<int> _strands = new(Length);
    private long _written;
    private long _read;
    private int _overflowed;

    public bool IsEmpty => Volatile.Read(ref _written) == _read && Volatile.Read(ref _overflowed) == 0;

    public void Dispose() => _strands.Dispose();

    public void Add(int strand, Lane lane)
    {
        if (_written - Volatile.Read(ref _read) == Length)
        {
            Volatile.Write(ref _overflowed, 1);
            return;
        }

        _strands[_written & (Length - 1)] = strand | lane switch { Lane.Critical => CriticalMark, Lane.Batched => BatchedMark, _ => 0 };
        Volatile.Write(ref _written, _written + 1);
    }

    /// <summary>Takes the next strand. The caller clears its pending bit before it looks at the strand.</summary>
    public bool TryTake(out int strand, out Lane lane)
    {
        if (_read == Volatile.Read(ref _written))
        {
            (strand, lane) = (-1, Lane.Normal);
            return false;
        }

        var entry = _strands[_read & (Length - 1)];
        (strand, lane) = (entry & ~(CriticalMark | BatchedMark), entry < 0 ? Lane.Critical : (entry & BatchedMark) != 0 ? Lane.Batched : Lane.Normal);
        Volatile.Write(ref _read, _read + 1);
        return true;
    }

    /// <summary>Whether marks were lost since the last call: then every connection must be visited.</summary>
    public bool TakeOverflow() => Volatile.Read(ref _overflowed) != 0 && Interlocked.Exchange(ref _overflowed, 0) != 0;
}
