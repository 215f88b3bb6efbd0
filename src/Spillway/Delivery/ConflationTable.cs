using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>
/// Which event of the window is the newest with its topics, key and visibility; marks the one before it as superseded. The dispatcher's, under its lock.
/// </summary>
/// <remarks>
/// Bounded by the window: an entry whose slot has left it is dead, its place is taken again. 16 bytes an entry, at most half of the entries live.
/// An entry is known by 96 bits of a keyed hash: that two keys share them does not happen.
/// </remarks>
internal sealed class ConflationTable(Window window)
{
    private const uint Used = 1; // Part of each entry's tag, so that none looks empty.

    private Entry[] _entries = new Entry[1_024];
    private int _used;

    /// <summary>Its memory, in bytes.</summary>
    public long Bytes => _entries.Length * 16L;

    /// <summary>Notes the event that a slot was just given.</summary>
    public void Add(long slot, in EventRecord record)
    {
        if ((record.Flags & EventFlags.Marker) != 0)
        {
            return;
        }

        var key = ConflationKey.Of(record);
        ref var entry = ref Find((ulong)key, (uint)(key >> 64) | Used, slot);
        if (entry.Tag == 0 && ++_used > _entries.Length / 4 * 3)
        {
            Rebuild(slot);
            Add(slot, record);
            return;
        }

        var before = entry.Tag == 0 ? 0 : slot - (uint)((uint)slot - entry.Slot);
        if (before >= window.Tail && entry.Hash == (ulong)key && entry.Tag == ((uint)(key >> 64) | Used))
        {
            Volatile.Write(ref window.Header(before).SupersededAfter, (uint)(slot - before));
        }

        entry = new Entry { Hash = (ulong)key, Tag = (uint)(key >> 64) | Used, Slot = (uint)slot };
    }

    /// <summary>The entry of a key; if there is none, a dead or empty one to put it in.</summary>
    private ref Entry Find(ulong hash, uint tag, long slot)
    {
        var mask = _entries.Length - 1;
        var free = -1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            ref var entry = ref _entries[at];
            if (entry.Tag == 0)
            {
                return ref free < 0 ? ref entry : ref _entries[free];
            }

            if (entry.Hash == hash && entry.Tag == tag)
            {
                return ref entry;
            }

            free = free < 0 && slot - (uint)((uint)slot - entry.Slot) < window.Tail ? at : free;
        }
    }

    /// <summary>Leaves the dead out, and makes room for twice the living.</summary>
    private void Rebuild(long slot)
    {
        var old = _entries;
        var living = 0;
        foreach (ref readonly var entry in old.AsSpan())
        {
            living += entry.Tag != 0 && slot - (uint)((uint)slot - entry.Slot) >= window.Tail ? 1 : 0;
        }

        _entries = new Entry[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1_024, living * 2))];
        _used = living;
        foreach (ref readonly var entry in old.AsSpan())
        {
            if (entry.Tag != 0 && slot - (uint)((uint)slot - entry.Slot) >= window.Tail)
            {
                Find(entry.Hash, entry.Tag, slot) = entry;
            }
        }
    }

    private struct Entry
    {
        public ulong Hash;
        public uint Tag;
        public uint Slot; // Its low half: the window is far shorter than that.
    }
}
