using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What makes one event stand for an older one: the same topics, key and visibility. No key is a key of its own.</summary>
internal static class ConflationKey
{
    public static UInt128 Of(in EventRecord record)
    {
        var hash = new KeyedHash();
        hash.Add(record.Topic);
        foreach (var alternate in record.Alternates)
        {
            hash.Add(alternate); // Who came by an alternate that the newer one lacks would lose the value.
        }

        hash.Add(record.Key);
        hash.Add((long)(record.Flags & EventFlags.Private));
        return hash.Finish();
    }
}
