using System.Runtime.CompilerServices;

namespace Spillway.Delivery;

/// <summary>
/// A run that was walked and copied once, for every connection that needs it or a suffix of it: the key is what contributes, not the feed, so a million different
/// sets that have the same topic pending share it.
/// </summary>
internal sealed class RunMemo
{
    private const int Entries = 16;

    private readonly RunBuffer[] _entries = [.. Enumerable.Range(0, Entries).Select(static _ => new RunBuffer())];

    /// <summary>Runs found, and runs that had to be walked.</summary>
    public long Hits { get; private set; }

    public long Misses { get; private set; }

    /// <summary>Forgets the runs of which an event has expired by now. Once a turn, not at each look.</summary>
    public void Forget(long now)
    {
        foreach (var entry in _entries)
        {
            entry.Forget(now);
        }
    }

    /// <summary>The entry for a key. It holds another key's run, or an older one of this key, if <paramref name="found"/> is false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RunBuffer Lookup(ReadOnlySpan<int> strands, long newest, WireFormat format, long cursor, out bool found)
    {
        var hash = (uint)newest * 0x9E3779B1u ^ (uint)strands[0] ^ ((uint)format << 9);
        var entry = _entries[(hash >> 7) % Entries];
        found = entry.Serves(strands, newest, format, cursor);
        if (found)
        {
            Hits++;
        }
        else
        {
            Misses++;
        }

        return entry;
    }
}
