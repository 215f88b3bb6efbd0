using System.Buffers;

namespace Spillway.Ingress;

/// <summary>Divides what has arrived of a body into lines, in bounded memory: a line beyond the limit is passed over while it arrives.</summary>
internal sealed class LineSplitter(int maxLineBytes) : IDisposable
{
    private byte[] _joined = [];
    private long _searched; // Of the line that is not whole yet: searched for its end before.
    private bool _tooLong;

    /// <summary>The most bytes of a line; it may change between two calls.</summary>
    public int MaxLineBytes { get; set; } = maxLineBytes;

    /// <summary>Bytes of the line that was too long, for its problem.</summary>
    public long LineBytes { get; private set; }

    /// <summary>Takes the next line, without its LF, from the front of <paramref name="buffer"/>. False: none is whole yet, or none is left.</summary>
    /// <param name="completed">Whether the body ends with the buffer: then the last line needs no LF.</param>
    /// <param name="line">The line, until the next call or until the buffer is given back; null if it was too long.</param>
    public bool TryTake(ref ReadOnlySequence<byte> buffer, bool completed, out ReadOnlyMemory<byte>? line)
    {
        line = null;
        long length;
        if (TryFindEnd(buffer, out var end))
        {
            length = end;
        }
        else if (completed && (!buffer.IsEmpty || _tooLong))
        {
            length = buffer.Length;
        }
        else
        {
            _searched = buffer.Length;
            if (_tooLong || buffer.Length > MaxLineBytes)
            {
                PassOver(ref buffer);
            }

            return false;
        }

        LineBytes = (_tooLong ? LineBytes : 0) + length;
        if (!_tooLong && length <= MaxLineBytes)
        {
            line = Join(buffer.Slice(0, length));
        }

        buffer = buffer.Slice(Math.Min(length + 1, buffer.Length));
        (_searched, _tooLong) = (0, false);
        return true;
    }

    public void Dispose()
    {
        if (_joined.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_joined);
            _joined = [];
        }
    }

    private bool TryFindEnd(in ReadOnlySequence<byte> buffer, out long end)
    {
        if (_searched == 0)
        {
            end = buffer.FirstSpan.IndexOf((byte)'\n'); // Nearly always.
            if (end >= 0)
            {
                return true;
            }
        }

        end = _searched;
        foreach (var part in buffer.Slice(_searched))
        {
            var index = part.Span.IndexOf((byte)'\n');
            if (index >= 0)
            {
                end += index;
                return true;
            }

            end += part.Length;
        }

        return false;
    }

    private void PassOver(ref ReadOnlySequence<byte> buffer)
    {
        LineBytes = (_tooLong ? LineBytes : 0) + buffer.Length;
        buffer = buffer.Slice(buffer.End);
        (_searched, _tooLong) = (0, true);
    }

    private ReadOnlyMemory<byte> Join(in ReadOnlySequence<byte> line)
    {
        if (line.IsSingleSegment)
        {
            return line.First;
        }

        var length = (int)line.Length;
        if (_joined.Length < length)
        {
            Dispose();
            _joined = ArrayPool<byte>.Shared.Rent(length);
        }

        line.CopyTo(_joined);
        return _joined.AsMemory(0, length);
    }
}
