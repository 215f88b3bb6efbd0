namespace Spillway.Delivery;

/// <summary>A ring of bytes addressed by positions that only grow; what is written is contiguous.</summary>
internal sealed unsafe class ByteArena(long size) : IDisposable
{
    private readonly NativeArray<byte> _bytes = new(size);

    public long Size => size;

    /// <summary>The position behind the newest byte.</summary>
    public long End { get; private set; }

    /// <summary>Whether bytes fit without overwriting those from <paramref name="oldest"/> on.</summary>
    public bool Fits(long oldest, int length, bool margin) =>
        StartOf(length) + length - oldest <= size - (margin ? size / 16 : 0);

    public Place Write(ReadOnlySpan<byte> bytes)
    {
        var at = StartOf(bytes.Length);
        bytes.CopyTo(new Span<byte>(_bytes.Pointer + (at % size), bytes.Length));
        End = at + bytes.Length;
        return new Place(at, bytes.Length);
    }

    public ReadOnlySpan<byte> Read(Place place) => new(_bytes.Pointer + (place.At % size), place.Length);

    public void Dispose() => _bytes.Dispose();

    private long StartOf(int length)
    {
        var rest = size - (End % size);
        return length <= rest ? End : End + rest; // What does not fit before the end begins at the start.
    }
}
