using System.Runtime.CompilerServices;

namespace Spillway.History;

/// <summary>The distinct topics of a segment, numbered from 0 in the order they came. One thread adds; any thread finds, without a lock.</summary>
/// <remarks>
/// A number is released (Volatile) after everything it refers to. A reader takes the number first and the arrays afterwards, so the arrays it then sees are long enough.
/// </remarks>
internal sealed class TopicTable
{
    private TopicEntry[] _entries = new TopicEntry[8];
    private byte[] _names = new byte[256];
    private int[] _slots = new int[16]; // Open addressing, a power of two, at most half full; a topic's number one higher, 0 is free.
    private int _count;
    private int _namesUsed;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the names are in the order of their bytes.</summary>
    public bool IsSorted { get; private init; }

    public long Bytes => (_entries.Length * (long)Unsafe.SizeOf<TopicEntry>()) + _names.Length + (_slots.Length * 4L);

    /// <summary>Makes a table of entries that are complete, with names in order.</summary>
    public static TopicTable Restore(TopicEntry[] entries, byte[] names)
    {
        var size = 16;
        while (size < entries.Length * 2L)
        {
            size *= 2;
        }

        var table = new TopicTable { IsSorted = true, _entries = entries, _names = names, _slots = new int[size], _count = entries.Length, _namesUsed = names.Length };
        for (var number = 0; number < entries.Length; number++)
        {
            table._slots[FreeSlot(table._slots, entries[number].Hash)] = number + 1;
        }

        return table;
    }

    /// <summary>The topic's entry; the writer alone changes it.</summary>
    public ref TopicEntry this[int number] => ref _entries[number];

    public ReadOnlySpan<byte> NameOf(int number)
    {
        ref readonly var entry = ref _entries[number];
        return _names.AsSpan(entry.NameAt, entry.NameLength);
    }

    /// <summary>The topic's number, or -1.</summary>
    public int Find(ReadOnlySpan<byte> topic, ulong hash)
    {
        var slots = Volatile.Read(ref _slots);
        for (var at = (int)hash & (slots.Length - 1); ; at = (at + 1) & (slots.Length - 1))
        {
            var number = Volatile.Read(ref slots[at]) - 1;
            if (number < 0)
            {
                return -1;
            }

            if (_entries[number].Hash == hash && NameOf(number).SequenceEqual(topic))
            {
                return number;
            }
        }
    }

    /// <summary>Adds a topic that is not there yet and returns its number.</summary>
    public int Add(ReadOnlySpan<byte> topic, ulong hash, PostingTail postings)
    {
        var number = _count;
        if ((number + 1) * 2 > _slots.Length)
        {
            Rehash();
        }

        if (number == _entries.Length)
        {
            var entries = new TopicEntry[number * 2];
            _entries.CopyTo(entries, 0);
            Volatile.Write(ref _entries, entries);
        }

        if (_namesUsed + topic.Length > _names.Length)
        {
            var names = new byte[Math.Max(_names.Length * 2, _namesUsed + topic.Length)];
            _names.AsSpan(0, _namesUsed).CopyTo(names);
            Volatile.Write(ref _names, names);
        }

        topic.CopyTo(_names.AsSpan(_namesUsed));
        _entries[number] = new TopicEntry { Hash = hash, NameAt = _namesUsed, NameLength = topic.Length, FirstSlice = postings.At, Tail = postings };
        _namesUsed += topic.Length;
        Volatile.Write(ref _slots[FreeSlot(_slots, hash)], number + 1);
        Volatile.Write(ref _count, number + 1);
        return number;
    }

    /// <summary>Of a sorted table the number of the first name that is not below <paramref name="name"/>.</summary>
    public int FirstFrom(ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (NameOf(middle).SequenceCompareTo(name) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Gives back the room ahead. Nothing is added afterwards.</summary>
    public void Seal()
    {
        Array.Resize(ref _entries, _count);
        Array.Resize(ref _names, _namesUsed);
    }

    private void Rehash()
    {
        var slots = new int[_slots.Length * 2];
        for (var number = 0; number < _count; number++)
        {
            slots[FreeSlot(slots, _entries[number].Hash)] = number + 1;
        }

        Volatile.Write(ref _slots, slots);
    }

    private static int FreeSlot(int[] slots, ulong hash)
    {
        var at = (int)hash & (slots.Length - 1);
        while (slots[at] != 0)
        {
            at = (at + 1) & (slots.Length - 1);
        }

        return at;
    }
}
