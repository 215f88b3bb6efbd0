using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>All strands: those with an event in the window and those that somebody subscribes to.</summary>
/// <remarks>Changed under the dispatcher's lock. Loops read <see cref="Head"/> and the pending masks of strands that they hold.</remarks>
internal sealed unsafe partial class StrandTable : IDisposable
{
    private readonly ChunkedArray<Strand> _strands;
    private readonly ChunkedArray<StrandHead> _heads;
    private readonly ChunkedArray<int>[] _loopReferences;
    private readonly ConcurrentDictionary<int, EventPattern> _patterns = new(); // Loops read it.
    private readonly LimitOptions _limits;
    private readonly Stack<int> _free = new();
    private int[] _buckets = new int[1024]; // Open addressing by hash; 0: empty, −1: removed.
    private int _used;
    private int _next = 1; // Strand 0 is the overflow strand (PatternTrie), which has no name and is never freed.

    public StrandTable(LimitOptions limits, int loops)
    {
        _limits = limits;
        var expected = limits.Topics + 1L;
        _strands = new ChunkedArray<Strand>(expected);
        _heads = new ChunkedArray<StrandHead>(expected);
        _loopReferences = [.. Enumerable.Range(0, loops).Select(_ => new ChunkedArray<int>(expected))];
        Batched = new BatchMarks(limits.Topics, loops);
        Prepare(Overflow);
        this[Overflow].Flags = StrandFlags.InUse | StrandFlags.Pattern;
    }

    /// <summary>The strand of events that match more patterns than an event has links: every feed with patterns holds it, and filters it.</summary>
    public static int Overflow => 0;

    /// <summary>What loops were told of batched events.</summary>
    public BatchMarks Batched { get; }

    /// <summary>Strands in use.</summary>
    public int Count { get; private set; } = 1;

    public ref Strand this[int strand]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _strands[strand];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref StrandHead Head(int strand) => ref _heads[strand];

    public ReadOnlySpan<byte> Name(int strand) => new(_strands[strand].Name, _strands[strand].NameLength);

    public static uint HashOf(ReadOnlySpan<byte> name, bool pattern)
    {
        var hash = new HashCode();
        hash.AddBytes(name); // Seeded per process: names are chosen by publishers, who must not choose collisions.
        return (uint)hash.ToHashCode() ^ (pattern ? 0x9E3779B9u : 0u);
    }

    /// <summary>The strand of a name, or −1.</summary>
    public int Find(ReadOnlySpan<byte> name, bool pattern) => Find(name, pattern, HashOf(name, pattern));

    /// <summary>The strand of a name, made if it is new; −1 at the limit.</summary>
    public int FindOrAdd(ReadOnlySpan<byte> name, bool pattern, out bool added)
    {
        var hash = HashOf(name, pattern);
        var found = Find(name, pattern, hash);
        added = found < 0;
        return added ? Add(name, pattern, hash) : found;
    }

    /// <summary>The strand of a pattern, made if it is new; −1 at the limit.</summary>
    public int FindOrAdd(EventPattern pattern, out bool added)
    {
        var strand = FindOrAdd(pattern.Utf8, pattern: true, out added);
        if (added && strand >= 0)
        {
            _patterns[strand] = pattern;
        }

        return strand;
    }

    /// <summary>The pattern of a strand that the caller holds.</summary>
    public EventPattern PatternOf(int strand) => _patterns[strand];

    /// <summary>Adds a strand to an event's, once, and holds it until the event is linked: making room for it could free the strand.</summary>
    public void Link(int strand, Span<int> linked, ref int count)
    {
        if (!linked[..count].Contains(strand))
        {
            this[strand].References++;
            linked[count++] = strand;
        }
    }

    /// <summary>Counts one more subscription of a loop. Its mask is set before the caller reads the head.</summary>
    public void AddReference(int strand, int loop)
    {
        ref var references = ref _loopReferences[loop][strand];
        if (references++ == 0)
        {
            this[strand].LoopMask |= 1UL << loop;
        }

        this[strand].References++;
    }

    /// <summary>Gives a subscription's strand back; frees it when nobody else holds it and nothing of it is in the window.</summary>
    public void Release(int strand, int loop, long tail)
    {
        if (--_loopReferences[loop][strand] == 0)
        {
            this[strand].LoopMask &= ~(1UL << loop);
        }

        this[strand].References--;
        FreeIfIdle(strand, tail);
    }

    /// <summary>A slot left the window.</summary>
    public void Evicted(int strand, long slot)
    {
        if (Head(strand).Slot == slot)
        {
            FreeIfIdle(strand, slot + 1);
        }
    }

    public void Dispose()
    {
        for (var i = 1; i < _next; i++)
        {
            NativeMemory.Free(this[i].Name);
        }

        Batched.Dispose();
        _strands.Dispose();
        _heads.Dispose();
        foreach (var references in _loopReferences)
        {
            references.Dispose();
        }
    }

    private int Find(ReadOnlySpan<byte> name, bool pattern, uint hash)
    {
        var mask = _buckets.Length - 1;
        for (var i = (int)hash & mask; _buckets[i] != 0; i = (i + 1) & mask)
        {
            var strand = _buckets[i];
            if (strand > 0 && this[strand].Hash == hash && ((this[strand].Flags & StrandFlags.Pattern) != 0) == pattern && Name(strand).SequenceEqual(name))
            {
                return strand;
            }
        }

        return -1;
    }

    private int Add(ReadOnlySpan<byte> name, bool pattern, uint hash)
    {
        if (Count > _limits.Topics) // As it is now: below what there is, nothing is ended.
        {
            return -1;
        }

        var index = _free.Count > 0 ? _free.Pop() : _next++;
        Prepare(index);
        ref var strand = ref this[index];
        strand = default;
        Head(index) = default;
        Batched.Clear(index);
        strand.Name = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, name.Length));
        strand.NameLength = checked((ushort)name.Length);
        name.CopyTo(new Span<byte>(strand.Name, name.Length));
        strand.Hash = hash;
        strand.MatchesVersion = -1;
        strand.Flags = StrandFlags.InUse | (pattern ? StrandFlags.Pattern : 0);
        Count++;
        Insert(index, hash);
        return index;
    }

    private void Prepare(int index)
    {
        _strands.Ensure(index);
        _heads.Ensure(index);
        foreach (var references in _loopReferences)
        {
            references.Ensure(index);
        }
    }

    private void Insert(int strand, uint hash)
    {
        if (++_used * 4L > _buckets.Length * 3L)
        {
            Rehash();
        }

        var mask = _buckets.Length - 1;
        var i = (int)hash & mask;
        while (_buckets[i] > 0)
        {
            i = (i + 1) & mask;
        }

        _buckets[i] = strand;
    }

    private void Rehash()
    {
        var old = _buckets;
        var length = old.Length;
        while (Count * 2L > length)
        {
            length *= 2; // Else only removed marks are swept out.
        }

        _buckets = new int[length];
        _used = Count;
        foreach (var strand in old)
        {
            if (strand > 0)
            {
                var i = (int)this[strand].Hash & (length - 1);
                while (_buckets[i] != 0)
                {
                    i = (i + 1) & (length - 1);
                }

                _buckets[i] = strand;
            }
        }
    }

    private void FreeIfIdle(int index, long tail)
    {
        ref var strand = ref this[index];
        // A strand whose pending bit is set may still be in a loop's queue: it is freed at a later occasion, or stays, which the limit bounds.
        if (index == Overflow || strand.References > 0 || Head(index).Slot >= tail || (strand.Flags & StrandFlags.InUse) == 0)
        {
            return;
        }

        var mask = _buckets.Length - 1;
        for (var i = (int)strand.Hash & mask; _buckets[i] != 0; i = (i + 1) & mask)
        {
            if (_buckets[i] == index)
            {
                _buckets[i] = -1;
                break;
            }
        }

        if ((strand.Flags & StrandFlags.Pattern) != 0)
        {
            PatternFreed?.Invoke(index);
            _patterns.TryRemove(index, out _);
        }

        NativeMemory.Free(strand.Name);
        strand.Name = null;
        strand.NameLength = 0;
        strand.Flags = StrandFlags.None;
        _free.Push(index);
        Count--;
    }

    /// <summary>Told before a pattern's strand is freed.</summary>
    public Action<int>? PatternFreed { get; set; }
}
