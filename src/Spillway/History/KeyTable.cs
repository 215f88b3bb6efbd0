namespace Spillway.History;

/// <summary>The newest record of every (topic, key, visibility) in a segment, while it is written.</summary>
/// <remarks>A table of 64-bit hashes alone: with a secret seed, two of a segment's at most some 100,000 names meet once in 10^9 segments.</remarks>
internal sealed class KeyTable
{
    private (ulong Hash, int Next)[] _slots = new (ulong, int)[16]; // Next is the record's number one higher; 0 is free.
    private int _used;

    /// <summary>Puts a record in and returns the number of the one it supersedes, or -1.</summary>
    public int Put(ulong hash, int ordinal)
    {
        if ((_used + 1) * 2 > _slots.Length)
        {
            Grow();
        }

        ref var slot = ref Find(_slots, hash);
        var previous = slot.Next - 1;
        _used += previous < 0 ? 1 : 0;
        slot = (hash, ordinal + 1);
        return previous;
    }

    private void Grow()
    {
        var slots = new (ulong, int)[_slots.Length * 2];
        foreach (var slot in _slots)
        {
            if (slot.Next != 0)
            {
                Find(slots, slot.Hash) = slot;
            }
        }

        _slots = slots;
    }

    private static ref (ulong Hash, int Next) Find((ulong Hash, int Next)[] slots, ulong hash)
    {
        var at = (int)hash & (slots.Length - 1);
        while (slots[at].Next != 0 && slots[at].Hash != hash)
        {
            at = (at + 1) & (slots.Length - 1);
        }

        return ref slots[at];
    }
}
