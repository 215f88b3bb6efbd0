using System.Buffers;

namespace Spillway.Client.LongPolling;

/// <summary>
/// Takes the entries out of a poll's answer while it comes, so that memory holds one entry and not the batch. What is left is <see cref="Rest"/>: the answer without its entries.
/// It follows strings and brackets only; whether an entry, or the rest, is JSON is for whoever reads it.
/// </summary>
internal sealed class AnswerSplitter(int maxEntryBytes)
{
    private const int MaxRestBytes = 64 * 1024; // A cursor and a few numbers, and room for what later versions add.
    private const int FirstCapacity = 1_024;
    private const int EntriesDepth = 2; // The object, and in it the array.

    private static readonly SearchValues<byte> OfStrings = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> OfBrackets = SearchValues.Create("\"{}[]"u8);

    private readonly ArrayBufferWriter<byte> _rest = new(256);
    private byte[] _entry = [];
    private int _length;
    private int _depth;
    private bool _inString;
    private bool _inEscape;
    private bool _inEntries;

    /// <summary>The entry that <see cref="TryRead"/> found, or the beginning of one that was too long; valid until it is called again.</summary>
    public ReadOnlyMemory<byte> Entry => _entry.AsMemory(0, _length);

    /// <summary>Whether the entry was longer than the limit.</summary>
    public bool IsOversized { get; private set; }

    /// <summary>The answer without its entries.</summary>
    public ReadOnlyMemory<byte> Rest => _rest.WrittenMemory;

    /// <summary>Whether the answer is whole: every bracket is closed.</summary>
    public bool IsComplete => _depth <= 0 && _rest.WrittenCount > 0;

    /// <summary>Takes bytes off the front; true once an entry is whole. False: there are no more bytes.</summary>
    public bool TryRead(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var span = buffer.FirstSpan;
            var taken = 0;
            var isWhole = false;
            while (taken < span.Length && !isWhole)
            {
                taken += Take(span[taken..], out isWhole);
            }

            buffer = buffer.Slice(taken);
            if (isWhole)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes what comes up to the next byte that changes anything, and that.</summary>
    private int Take(ReadOnlySpan<byte> span, out bool isWhole)
    {
        isWhole = false;
        if (_inEscape)
        {
            _inEscape = false;
            Keep(span[..1]);
            return 1;
        }

        var at = span.IndexOfAny(_inString ? OfStrings : OfBrackets);
        if (at < 0)
        {
            Keep(span);
            return span.Length;
        }

        Keep(span[..at]);
        var found = span.Slice(at, 1);
        switch (found[0])
        {
            case (byte)'\\':
                _inEscape = true;
                Keep(found);
                break;
            case (byte)'"':
                _inString = !_inString;
                Keep(found);
                break;
            case (byte)'{' or (byte)'[':
                Open(found);
                break;
            default:
                Keep(found);
                isWhole = Close();
                break;
        }

        return at + 1;
    }

    private void Open(ReadOnlySpan<byte> bracket)
    {
        if (_inEntries && _depth == EntriesDepth)
        {
            (_length, IsOversized) = (0, false); // The one before was handed out.
        }

        _depth++;
        if (_depth == EntriesDepth && bracket[0] == (byte)'[' && EndsWithName(_rest.WrittenSpan))
        {
            _rest.Write(bracket);
            _inEntries = true;
            return;
        }

        Keep(bracket);
    }

    /// <summary>A bracket closes; true if it is an entry's last.</summary>
    private bool Close()
    {
        _depth--;
        if (_inEntries && _depth < EntriesDepth)
        {
            _inEntries = false;
            _rest.Write("]"u8);
        }

        return _inEntries && _depth == EntriesDepth;
    }

    private static bool EndsWithName(ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimEnd(" \t\r\n"u8);
        return rest is [.., (byte)':'] && rest[..^1].TrimEnd(" \t\r\n"u8).EndsWith("\"entries\""u8);
    }

    /// <summary>What is between entries is not kept.</summary>
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_inEntries)
        {
            if (_depth > EntriesDepth)
            {
                KeepOfEntry(bytes);
            }
        }
        else if (_rest.WrittenCount + bytes.Length > MaxRestBytes)
        {
            throw new SpillwayException($"The server's answer to a poll has more than {MaxRestBytes} bytes beside its entries; check that the address is a Spillway hub's.");
        }
        else
        {
            _rest.Write(bytes);
        }
    }

    private void KeepOfEntry(ReadOnlySpan<byte> bytes)
    {
        var room = Math.Min(bytes.Length, maxEntryBytes - _length);
        IsOversized |= room < bytes.Length;
        if (_length + room > _entry.Length)
        {
            Array.Resize(ref _entry, (int)Math.Min(maxEntryBytes, Math.Max(Math.Max(FirstCapacity, _length + room), _entry.Length * 2L)));
        }

        bytes[..room].CopyTo(_entry.AsSpan(_length));
        _length += room;
    }
}
