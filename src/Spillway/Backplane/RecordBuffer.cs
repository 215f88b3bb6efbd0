namespace Spillway.Backplane;

/// <summary>Records one behind the other, to be stamped, and taken back where a batch is refused.</summary>
internal sealed class RecordBuffer
{
    private const int KeptBytes = 4 * 1024 * 1024; // Four usual rounds; one large batch must not hold its memory for ever.

    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Copies a record behind the others and returns the copy.</summary>
    public Span<byte> Append(ReadOnlySpan<byte> record)
    {
        if (_bytes.Length - Length < record.Length)
        {
            Array.Resize(ref _bytes, Math.Max(checked(Length + record.Length), (int)Math.Min(_bytes.Length * 2L, Array.MaxLength)));
        }

        var copy = _bytes.AsSpan(Length, record.Length);
        record.CopyTo(copy);
        Length += record.Length;
        return copy;
    }

    /// <summary>What begins at a record, to be stamped.</summary>
    public Span<byte> From(int at) => _bytes.AsSpan(at, Length - at);

    public void Truncate(int length) => Length = length;

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytes)
        {
            _bytes = [];
        }
    }
}
