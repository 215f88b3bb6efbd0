namespace Spillway.Delivery;

/// <summary>Room for one run: its bytes, slots and ends, and for which strands and cursors it was walked.</summary>
internal sealed class RunBuffer
{
    /// <summary>A run takes no further event from here on: one send's worth.</summary>
    public const int TargetBytes = 64 * 1024;

    private readonly int[] _strands = new int[8];
    private byte[] _bytes = [];
    private long[] _slots = [];
    private int[] _ends = [];
    private int _strandCount;
    private long _newest;
    private long _floor;
    private long _expires; // When the first of its events does.
    private WireFormat _format;
    private bool _more;
    private bool _final;
    private int _length;
    private int _count;

    public int Count => _count;

    public int Length => _length;

    public bool IsFull => _length >= TargetBytes;

    public bool Serves(ReadOnlySpan<int> strands, long newest, WireFormat format, long cursor) =>
        _newest == newest && _format == format && _floor <= cursor && _count > 0 && cursor < _slots[_count - 1]
        && strands.SequenceEqual(_strands.AsSpan(0, _strandCount));

    /// <summary>Lets nobody find it any more if an event in it has expired.</summary>
    public void Forget(long now)
    {
        if (_expires < now)
        {
            Clear();
        }
    }

    /// <summary>Begins a run that no other connection will find.</summary>
    public void Clear()
    {
        if (_bytes.Length > TargetBytes * 4)
        {
            _bytes = []; // One large event made it grow.
        }

        _length = _count = 0;
        _expires = long.MaxValue;
        _newest = -1;
        _more = _final = false;
    }

    /// <summary>Lets other connections find the run; not for sets of more strands than fit.</summary>
    public void Remember(ReadOnlySpan<int> strands, long newest, WireFormat format, long floor)
    {
        if (strands.Length > _strands.Length)
        {
            return;
        }

        strands.CopyTo(_strands);
        _strandCount = strands.Length;
        (_newest, _format, _floor) = (newest, format, floor);
    }

    public void Add(long slot, ReadOnlySpan<byte> bytes, bool final, long expires)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + bytes.Length, Math.Min(TargetBytes * 2, Math.Max(4096, _bytes.Length * 2))));
        }

        if (_count == _slots.Length)
        {
            Array.Resize(ref _slots, Math.Max(64, _count * 2));
            Array.Resize(ref _ends, _slots.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        _slots[_count] = slot;
        _ends[_count++] = _length;
        _expires = Math.Min(_expires, expires);
        _final |= final;
    }

    public void MarkMore() => _more = true;

    /// <summary>An event that ends a topic was passed, whether it is sent or not.</summary>
    public void MarkFinal(bool final) => _final |= final;

    /// <summary>The part of the run behind a cursor.</summary>
    public Run After(long cursor)
    {
        var slots = _slots.AsSpan(0, _count);
        var first = _count > 0 && _slots[0] > cursor ? 0 : slots.BinarySearch(cursor + 1);
        first = first < 0 ? ~first : first;
        var from = first == 0 ? 0 : _ends[first - 1];
        return new Run
        {
            Bytes = _bytes.AsSpan(from, _length - from),
            Slots = slots[first..],
            Ends = _ends.AsSpan(first, _count - first),
            Base = from,
            More = _more,
            Final = _final,
        };
    }
}
