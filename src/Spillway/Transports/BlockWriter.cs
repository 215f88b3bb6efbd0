using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Encodings.Web;
using Spillway.Events;

namespace Spillway.Transports;

/// <summary>Writes a block or a message in many small pieces, and asks its output for memory as rarely as it can. <see cref="Commit"/> ends it.</summary>
internal ref struct BlockWriter
{
    private readonly IBufferWriter<byte> _output;
    private Span<byte> _buffer;
    private int _used;

    /// <summary>Begins a block of about <paramref name="expected"/> bytes; it may become longer.</summary>
    public BlockWriter(IBufferWriter<byte> output, int expected)
    {
        _output = output;
        _buffer = output.GetSpan(expected);
    }

    /// <summary>At least <paramref name="length"/> bytes to fill; <see cref="Advance"/> says how many were.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_buffer.Length - _used < length)
        {
            Commit();
            _buffer = _output.GetSpan(Math.Max(length, 256)); // Not byte by byte where many short lines follow.
        }

        return _buffer[_used..];
    }

    public void Advance(int length) => _used += length;

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _used += bytes.Length;
    }

    public void WriteNumber(long number)
    {
        number.TryFormat(Reserve(20), out var written, default, CultureInfo.InvariantCulture); // 20: a sign and 19 digits.
        _used += written;
    }

    public void WriteNumber(double number)
    {
        number.TryFormat(Reserve(32), out var written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    public void WriteBase64(scoped ReadOnlySpan<byte> bytes)
    {
        Base64.EncodeToUtf8(bytes, Reserve(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        _used += written;
    }

    /// <summary>Writes an event's id.</summary>
    public void WriteId(in EventRecord record, ulong epoch, CursorCodec cursors) => _used += cursors.FormatEvent(record, epoch, Reserve(CursorCodec.MaxLength));

    /// <summary>Writes a cursor that is no event's id.</summary>
    public void WriteCursor(Position place, CursorCodec cursors) => _used += cursors.FormatPlace(place, Reserve(CursorCodec.MaxLength));

    /// <summary>Writes a JSON string, its quotes included.</summary>
    public void WriteJsonString(scoped ReadOnlySpan<byte> text)
    {
        Write("\""u8);

        // Relaxed: the stream is never part of a page, and the stricter encoder would write six bytes for each letter that is not ASCII.
        var expected = text.Length;
        OperationStatus status;
        do
        {
            status = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(text, Reserve(expected), out var consumed, out var written);
            _used += written;
            text = text[consumed..];
            expected = text.Length + 12; // 12: the longest escape, so that every round gets on.
        }
        while (status == OperationStatus.DestinationTooSmall);

        Write("\""u8);
    }

    /// <summary>Hands what was written to the output.</summary>
    public void Commit()
    {
        _output.Advance(_used);
        _used = 0;
        _buffer = default;
    }
}
