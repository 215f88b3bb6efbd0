namespace Spillway.History.Sealed;

/// <summary>Reads numbers and bytes that a <see cref="SidecarBuffer"/> wrote. What cannot be is told by <see cref="InvalidDataException"/>, never by an index out of range.</summary>
internal ref struct SidecarScan(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public ulong ReadNumber()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at >= _bytes.Length)
            {
                throw Damaged();
            }

            var next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    /// <summary>A number that is at most <paramref name="most"/>.</summary>
    public int ReadCount(int most) => ReadNumber() is var value && most >= 0 && value <= (ulong)most ? (int)value : throw Damaged();

    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        if (length > _bytes.Length - _at)
        {
            throw Damaged();
        }

        _at += length;
        return _bytes.Slice(_at - length, length);
    }

    /// <summary>A number that is higher than the one before, and below <paramref name="count"/>: written as their distance.</summary>
    public int ReadOrdinal(int previous, int count) => ReadCount(count - 1 - previous) is var distance and > 0 ? previous + distance : throw Damaged();

    /// <summary>The length of a name, and the name.</summary>
    public ReadOnlySpan<byte> ReadName() => ReadBytes(ReadCount(_bytes.Length - _at));

    public readonly void CheckEnd()
    {
        if (_at != _bytes.Length)
        {
            throw Damaged();
        }
    }

    public static InvalidDataException Damaged() => new("A sidecar of the history passes its checksum and makes no sense.");
}
