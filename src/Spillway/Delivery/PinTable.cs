namespace Spillway.Delivery;

/// <summary>The lowest slot that each reading thread may touch. A thread pins for one turn, at most some milliseconds.</summary>
/// <remarks>
/// Both sides write, fence, then read: a reader stores its pin and then reads the tail; the appender raises the tail and then reads the pins. So either the reader sees
/// the raised tail, or the appender sees the pin. <c>Volatile</c> is not enough for that: it allows the read to pass the earlier write.
/// </remarks>
internal sealed class PinTable(int readers)
{
    private const int Stride = 16; // Longs: two cache lines a reader, so that pins do not share one.

    private readonly long[] _pins = [.. Enumerable.Repeat(long.MaxValue, readers * Stride)];

    /// <summary>Pins the window's tail for a reader and returns it: slots from there on stay readable until <see cref="Release"/>.</summary>
    public long Pin(int reader, Window window)
    {
        ref var pin = ref _pins[reader * Stride];
        while (true)
        {
            var tail = window.Tail;
            Volatile.Write(ref pin, tail - 1); // The header before the tail too: it may be the head's, of an emptied window.
            Interlocked.MemoryBarrier();
            if (window.Tail == tail)
            {
                return tail;
            }
        }
    }

    public void Release(int reader) => Volatile.Write(ref _pins[reader * Stride], long.MaxValue);

    public long Lowest()
    {
        var lowest = long.MaxValue;
        for (var i = 0; i < _pins.Length; i += Stride)
        {
            lowest = Math.Min(lowest, Volatile.Read(ref _pins[i]));
        }

        return lowest;
    }
}
