using System.Runtime.CompilerServices;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>
/// The hub's newest events: headers, links to the strands they belong to, and their bytes, once as a record and once per wire format in use.
/// </summary>
/// <remarks>
/// One thread at a time appends (the dispatcher, under its lock); any thread reads below a pin. Slots count from 1.
/// Readers see [Tail, Head]. Between the last reclaimed slot and Tail lie slots that readers may no longer begin with, but may still be reading: the appender reuses
/// memory only below the lowest pin, and keeps a margin, so that it waits for a reader only when that much is appended within one turn.
/// </remarks>
internal sealed partial class Window : IDisposable
{
    /// <summary>Records, then one arena per wire format.</summary>
    private const int RecordArena = 0;

    private const int LinksPerSlot = 4; // On average; an event with more takes the room of others.

    private readonly NativeArray<SlotHeader> _headers;
    private readonly NativeArray<Link> _links;
    private readonly ByteArena[] _arenas = new ByteArena[1 + WireFormats.Count];
    private readonly NativeArray<Place>[] _places = new NativeArray<Place>[1 + WireFormats.Count];
    private readonly PinTable _pins;
    private readonly long _slotMask;
    private readonly long _linkMask;
    private readonly long _slotMargin;

    private long _head;
    private long _tail = 1;
    private long _reclaimed = 1; // Slots below may be overwritten.
    private long _appending; // The slot being written; ahead of Head until the batch is published.
    private long _linksEnd;
    private long _evicted;
    private long _publishedOffset;

    public Window(int events, long bytes, long birthOffset, PinTable pins)
    {
        _headers = new NativeArray<SlotHeader>(events);
        _links = new NativeArray<Link>((long)events * LinksPerSlot);
        _slotMask = events - 1;
        _linkMask = _links.Length - 1;
        _slotMargin = events / 16;
        _pins = pins;
        BirthOffset = _publishedOffset = birthOffset;
        MaxEncodedBytes = bytes / 4;
        for (var i = 0; i < _arenas.Length; i++)
        {
            _arenas[i] = new ByteArena(bytes);
            _places[i] = new NativeArray<Place>(events);
        }
    }

    /// <summary>The most bytes of one event that are kept in a format: a longer one (a payload of many short lines grows sevenfold) is encoded when it is read.</summary>
    public long MaxEncodedBytes { get; }

    /// <summary>The newest slot that readers may read; 0: none yet.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>The oldest slot that a pinned reader may read. Head + 1 when the window is empty.</summary>
    public long Tail => Volatile.Read(ref _tail);

    /// <summary>The oldest slot that any reader may still look at. For the thread that appends.</summary>
    public long OldestRead
    {
        get
        {
            Interlocked.MemoryBarrier(); // As in WaitForReaders.
            return Math.Min(_tail, _pins.Lowest());
        }
    }

    /// <summary>The offset of the history when the window was made: nothing after it is missing while <see cref="Tail"/> is 1.</summary>
    public long BirthOffset { get; }

    /// <summary>The offset of the newest published event. Read after Head it may be newer.</summary>
    public long PublishedOffset => Volatile.Read(ref _publishedOffset);

    /// <summary>Slots given up so far.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    public ref SlotHeader Header(long slot) => ref _headers[slot & _slotMask];

    /// <summary>The slot's links, valid below the reader's pin.</summary>
    public unsafe ReadOnlySpan<Link> Links(in SlotHeader header)
    {
        var at = header.LinksAt & _linkMask;
        return new ReadOnlySpan<Link>(_links.Pointer + at, header.LinkCount); // Never wraps: the appender skips to the start instead.
    }

    /// <summary>The event's record.</summary>
    public ReadOnlySpan<byte> Record(long slot) => _arenas[RecordArena].Read(_places[RecordArena][slot & _slotMask]);

    /// <summary>The event's bytes in a format, if it was encoded when it was appended.</summary>
    public bool TryGetEncoded(long slot, WireFormat format, out ReadOnlySpan<byte> bytes)
    {
        var place = _places[1 + (int)format][slot & _slotMask];
        bytes = place.Length < 0 ? default : _arenas[1 + (int)format].Read(place);
        return place.Length >= 0;
    }

    /// <summary>The last offset at or before a published, pinned slot; slot 0 or below the tail at birth: the birth offset.</summary>
    public long OffsetAt(long slot) => slot <= 0 ? BirthOffset : Header(slot).Offset;

    /// <summary>The newest offset that is not in the window, as seen from a pinned tail.</summary>
    public long OffsetBefore(long tail)
    {
        if (tail == 1 || tail > Head)
        {
            return tail == 1 ? BirthOffset : PublishedOffset;
        }

        ref var header = ref Header(tail);
        return (header.Flags & EventFlags.Ephemeral) != 0 ? header.Offset : header.Offset - 1;
    }

    /// <summary>
    /// Whether everything recorded after an offset is in the window, as seen from a pinned tail, and the slot from which to go on: behind the ephemeral events that
    /// follow the offset, or before them.
    /// </summary>
    public bool TryFindSlot(long offset, bool beforeEphemeral, long tail, long head, out long slot)
    {
        slot = head;
        if (tail > head)
        {
            return offset >= OffsetAtEmpty(tail);
        }

        if (tail == 1 ? offset < BirthOffset : offset < Header(tail).Offset)
        {
            return false;
        }

        // The first slot that lies behind the offset: the cursor stands before it.
        var (low, high) = (tail, head + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            ref var header = ref Header(middle);
            if (header.Offset > offset || (beforeEphemeral && header.Offset == offset && (header.Flags & EventFlags.Ephemeral) != 0))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        slot = low - 1;
        return true;
    }

    /// <summary>Begins an event: makes room and returns its slot. The appender's thread.</summary>
    public long BeginAppend(int linkCount, ReadOnlySpan<int> lengths, StrandTable strands)
    {
        var slot = _appending + 1;
        var linksAt = _linksEnd;
        if ((linksAt & _linkMask) + linkCount > _links.Length)
        {
            linksAt = (linksAt | _linkMask) + 1;
        }

        MakeRoom(slot, linksAt + linkCount, lengths, strands);
        _appending = slot;
        _linksEnd = linksAt + linkCount;
        ref var header = ref Header(slot);
        header.LinksAt = linksAt;
        header.LinkCount = (byte)linkCount;
        return slot;
    }

    public ref Link LinkAt(in SlotHeader header, int index) => ref _links[(header.LinksAt + index) & _linkMask];

    public void WriteRecord(long slot, ReadOnlySpan<byte> record) => Write(RecordArena, slot, record);

    public void WriteEncoded(long slot, WireFormat format, ReadOnlySpan<byte> bytes) => Write(1 + (int)format, slot, bytes);

    public void SkipEncoded(long slot, WireFormat format) =>
        _places[1 + (int)format][slot & _slotMask] = new Place(_arenas[1 + (int)format].End, -1);

    /// <summary>Shows the appended slots to readers; a full fence follows at the caller's.</summary>
    public void Publish()
    {
        // The head first: a reader of history that goes up to this offset must find its slot at or below the head when it hands its page over.
        var offset = Header(_appending).Offset;
        Volatile.Write(ref _head, _appending);
        Volatile.Write(ref _publishedOffset, offset);
    }

    public void Dispose()
    {
        _headers.Dispose();
        _links.Dispose();
        foreach (var arena in _arenas)
        {
            arena.Dispose();
        }

        foreach (var places in _places)
        {
            places.Dispose();
        }
    }

    private long OffsetAtEmpty(long tail) => tail == 1 ? BirthOffset : long.MaxValue; // A window that was emptied by one huge event: ask history.

    private void Write(int arena, long slot, ReadOnlySpan<byte> bytes) =>
        _places[arena][slot & _slotMask] = _arenas[arena].Write(bytes);

    /// <summary>Raises the tail until the slot, its links and its bytes fit with a margin, then waits until no reader is where they will be.</summary>
    private void MakeRoom(long slot, long linksEnd, ReadOnlySpan<int> lengths, StrandTable strands)
    {
        while (_tail < slot && !Fits(_tail, slot, linksEnd, lengths, margin: true))
        {
            Evict(strands);
        }

        if (!Fits(_reclaimed, slot, linksEnd, lengths, margin: false))
        {
            WaitForReaders(slot, linksEnd, lengths);
        }
    }

    private bool Fits(long oldest, long slot, long linksEnd, ReadOnlySpan<int> lengths, bool margin)
    {
        // One less than there are: the header before the oldest slot stays, too, for a reader that pins the tail of an emptied window and asks for its head's offset.
        if (slot - oldest >= _headers.Length - 1 - (margin ? _slotMargin : 0))
        {
            return false;
        }

        if (oldest >= slot)
        {
            return true; // Nothing else is kept: an event always fits in an empty window.
        }

        if (linksEnd - Header(oldest).LinksAt > _links.Length - (margin ? _links.Length / 16 : 0))
        {
            return false;
        }

        for (var i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] > 0 && !_arenas[i].Fits(_places[i][oldest & _slotMask].At, lengths[i], margin))
            {
                return false;
            }
        }

        return true;
    }

    private void Evict(StrandTable strands)
    {
        var slot = _tail;
        if (slot > _head)
        {
            Publish(); // One batch larger than the window: its first part is shown before it goes, so that Tail never passes Head + 1.
        }

        ref var header = ref Header(slot);
        Volatile.Write(ref _evicted, _evicted + 1);
        Volatile.Write(ref _tail, slot + 1); // Before strands are freed: a reader that pins later begins above.
        foreach (ref readonly var link in Links(header))
        {
            strands.Evicted(link.Strand, slot);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForReaders(long slot, long linksEnd, ReadOnlySpan<int> lengths)
    {
        var spin = new SpinWait();
        while (true)
        {
            Interlocked.MemoryBarrier(); // The tail was raised before the pins are read (PinTable.Pin has the other half).
            _reclaimed = Math.Min(_tail, _pins.Lowest());
            if (Fits(_reclaimed, slot, linksEnd, lengths, margin: false))
            {
                return;
            }

            spin.SpinOnce(sleep1Threshold: -1); // A turn lasts at most a few milliseconds.
        }
    }
}
