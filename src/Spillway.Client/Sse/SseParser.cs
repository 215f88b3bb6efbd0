using System.Buffers;
using System.Text;

namespace Spillway.Client.Sse;

/// <summary>
/// Reads Server-Sent Events as the HTML standard says ("9.2.6 Interpreting an event stream"), from bytes cut anywhere. Blocks without data are dispatched too: they move the id.
/// </summary>
/// <remarks>Memory is bounded: an unfinished line or a block longer than the limit is thrown away and told as <see cref="SseBlock.Oversized"/>.</remarks>
internal sealed class SseParser(int maxBytes)
{
    private const int KeptCapacity = 128 * 1024; // A buffer that one large event has blown up is not kept for the connection's life.
    private const byte CarriageReturn = (byte)'\r';
    private const byte LineFeed = (byte)'\n';

    private ArrayBufferWriter<byte> _data = new();
    private string _type = "";
    private string _id = "";
    private bool _blockHasId;
    private bool _hasData;
    private bool _oversized;
    private bool _begun;
    private bool _skipLineFeed; // A line ended with CR: an LF right behind it belongs to that end.
    private bool _discarding; // The unfinished line is too long: its bytes go, up to its end.
    private long _scanned; // Bytes of the unfinished line that hold no line end.

    /// <summary>The reconnection time that the stream last named, in milliseconds; null before.</summary>
    public long? Retry { get; private set; }

    /// <summary>Takes whole lines off the front of <paramref name="buffer"/>; true once a block is complete. On false, what is left is an unfinished line, to be given again with more.</summary>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out SseBlock block)
    {
        while (TryReadLine(ref buffer, out var line))
        {
            if (line.IsEmpty && !_discarding)
            {
                if (TryDispatch(out block))
                {
                    return true;
                }
            }
            else if (!_discarding)
            {
                TakeLine(line);
            }

            _discarding = false;
        }

        block = default;
        return false;
    }

    private bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        line = default;
        var reader = new SequenceReader<byte>(buffer);
        if (_skipLineFeed && reader.TryPeek(out var first))
        {
            _skipLineFeed = false;
            if (first == LineFeed)
            {
                buffer = buffer.Slice(1);
                reader = new SequenceReader<byte>(buffer);
            }
        }

        reader.Advance(_scanned);
        if (!reader.TryAdvanceToAny([CarriageReturn, LineFeed], advancePastDelimiter: false))
        {
            _scanned = buffer.Length;
            DiscardIfTooLong(ref buffer);
            return false;
        }

        line = buffer.Slice(0, reader.Position);
        reader.TryRead(out var end);
        _skipLineFeed = end == CarriageReturn;
        buffer = buffer.Slice(reader.Position);
        _scanned = 0;
        if (line.Length > maxBytes && !_discarding)
        {
            MarkOversized(line);
            _discarding = true;
        }

        return true;
    }

    private void DiscardIfTooLong(ref ReadOnlySequence<byte> buffer)
    {
        if (_discarding || buffer.Length > maxBytes)
        {
            if (!_discarding)
            {
                MarkOversized(buffer);
                _discarding = true;
            }

            buffer = buffer.Slice(buffer.End);
            _scanned = 0;
        }
    }

    /// <summary>A comment may be as long as it likes: nothing is lost with it.</summary>
    private void MarkOversized(in ReadOnlySequence<byte> line)
    {
        new SequenceReader<byte>(line).TryPeek(out var first);
        _oversized |= first != (byte)':';
        _begun = true;
    }

    private void TakeLine(in ReadOnlySequence<byte> line)
    {
        if (line.IsSingleSegment)
        {
            TakeLine(line.FirstSpan);
            return;
        }

        var length = (int)line.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        line.CopyTo(rented);
        TakeLine(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (!_begun)
        {
            _begun = true;
            if (line.StartsWith(Encoding.UTF8.Preamble))
            {
                line = line[Encoding.UTF8.Preamble.Length..];
            }
        }

        var colon = line.IndexOf((byte)':');
        if (colon == 0)
        {
            return;
        }

        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..];
        if (!value.IsEmpty && value[0] == (byte)' ')
        {
            value = value[1..];
        }

        TakeField(name, value);
    }

    private void TakeField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("data"u8))
        {
            TakeValue(value);
        }
        else if (name.SequenceEqual("event"u8))
        {
            _type = Encoding.UTF8.GetString(value);
        }
        else if (name.SequenceEqual("id"u8) && !value.Contains((byte)0))
        {
            _id = Encoding.UTF8.GetString(value);
            _blockHasId = true;
        }
        else if (name.SequenceEqual("retry"u8) && !value.IsEmpty && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            Retry = long.TryParse(value, out var milliseconds) ? milliseconds : long.MaxValue;
        }
    }

    private void TakeValue(ReadOnlySpan<byte> value)
    {
        if (_oversized || _data.WrittenCount + value.Length + 1 > maxBytes)
        {
            _oversized = true;
            _hasData = true;
            return;
        }

        if (_hasData)
        {
            _data.Write([LineFeed]);
        }

        _data.Write(value);
        _hasData = true;
    }

    private bool TryDispatch(out SseBlock block)
    {
        _begun = true;
        block = new SseBlock(_type.Length == 0 ? "message" : _type, _id, _blockHasId, _oversized ? default : _data.WrittenMemory, _hasData, _oversized);
        var dispatched = _hasData || _blockHasId || _oversized;
        Reset();
        return dispatched;
    }

    private void Reset()
    {
        // The block's data stays readable: only the count is reset, or the buffer replaced.
        if (_data.Capacity > KeptCapacity)
        {
            _data = new ArrayBufferWriter<byte>();
        }
        else
        {
            _data.ResetWrittenCount();
        }

        _type = "";
        _blockHasId = false;
        _hasData = false;
        _oversized = false;
    }
}
