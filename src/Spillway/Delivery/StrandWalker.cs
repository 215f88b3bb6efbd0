using System.Runtime.CompilerServices;

namespace Spillway.Delivery;

/// <summary>Follows strands back through the window. One loop's; what it found is valid until the next search.</summary>
internal sealed class StrandWalker(Window window, StrandTable strands)
{
    private readonly int[] _contributing = new int[10_001]; // LimitOptions.SelectorsInBody's range, and the overflow strand.
    private long[] _slots = new long[Gatherer.MaxSteps];
    private int _contributingCount;
    private int _slotCount;

    /// <summary>The strands with events, sorted.</summary>
    public ReadOnlySpan<int> Contributing => _contributing.AsSpan(0, _contributingCount);

    /// <summary>Their newest slot.</summary>
    public long Newest { get; private set; }

    /// <summary>The slots collected.</summary>
    public ReadOnlySpan<long> Slots => _slots.AsSpan(0, _slotCount);

    /// <summary>Finds which strands have events behind a cursor, up to a head, and the newest of them.</summary>
    public void FindContributing(ReadOnlySpan<int> all, long cursor, long head)
    {
        _contributingCount = 0;
        Newest = 0;
        foreach (var strand in all)
        {
            var slot = Volatile.Read(ref strands.Head(strand).Slot);
            while (slot > head)
            {
                slot = LinkOf(slot, strand).Previous; // Appended, not yet published; its record is complete, and too new to leave the window.
            }

            if (slot > cursor)
            {
                _contributing[_contributingCount++] = strand;
                Newest = Math.Max(Newest, slot);
            }
        }
    }

    /// <summary>Follows the contributing strands back to the cursor. False if there are more than <paramref name="most"/> events; what left the window ends a strand.</summary>
    public bool Collect(long cursor, long head, long tail, int most, out bool fellOut)
    {
        fellOut = false;
        _slotCount = 0;
        foreach (var strand in Contributing)
        {
            var slot = Volatile.Read(ref strands.Head(strand).Slot);
            while (slot > cursor)
            {
                if (slot < tail)
                {
                    fellOut = true;
                    break;
                }

                if (slot <= head)
                {
                    if (_slotCount == most)
                    {
                        return false;
                    }

                    if (_slotCount == _slots.Length)
                    {
                        Array.Resize(ref _slots, _slots.Length * 2);
                    }

                    _slots[_slotCount++] = slot;
                }

                slot = LinkOf(slot, strand).Previous;
            }
        }

        return true;
    }

    /// <summary>Puts the slots found into order, each once.</summary>
    public ReadOnlySpan<long> Sort()
    {
        var slots = _slots.AsSpan(0, _slotCount);
        if (_contributingCount == 1)
        {
            slots.Reverse();
            return slots;
        }

        slots.Sort();
        var kept = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (i == 0 || slots[i] != slots[kept - 1])
            {
                slots[kept++] = slots[i];
            }
        }

        _slotCount = kept;
        return Slots;
    }

    /// <summary>Leaves out some of the slots found.</summary>
    public ReadOnlySpan<long> Keep(Func<long, bool> isWanted)
    {
        var kept = 0;
        for (var i = 0; i < _slotCount; i++)
        {
            if (isWanted(_slots[i]))
            {
                _slots[kept++] = _slots[i];
            }
        }

        _slotCount = kept;
        return Slots;
    }

    /// <summary>The number that a strand had reached at a slot; false if that is too far back to be found.</summary>
    public bool TrySequenceAt(int strand, long slot, long tail, out uint sequence)
    {
        ref var head = ref strands.Head(strand);
        sequence = Volatile.Read(ref head.Sequence); // Before the slot: see Dispatcher.LinkAll.
        var at = Volatile.Read(ref head.Slot);
        for (var steps = 0; at > slot; steps++)
        {
            if (at < tail || steps > Gatherer.MaxSteps)
            {
                return false;
            }

            ref readonly var link = ref LinkOf(at, strand);
            sequence = link.Sequence - 1;
            at = link.Previous;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly Link LinkOf(long slot, int strand)
    {
        ref var header = ref window.Header(slot);
        var links = window.Links(header);
        for (var i = 0; i < links.Length; i++)
        {
            if (links[i].Strand == strand)
            {
                return ref links[i];
            }
        }

        throw new InvalidOperationException($"Slot {slot} has no link of strand {strand}: it was read without a pin, or overwritten below one.");
    }
}
