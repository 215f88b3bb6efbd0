using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>
/// An array outside the garbage collector's heap that grows without moving: one thread adds, others read the items whose index they were told.
/// </summary>
internal sealed unsafe class ChunkedArray<T> : IDisposable
    where T : unmanaged
{
    private const int ChunkBits = 14; // 16,384 items: the first chunk of a 64-byte struct is 1 MiB, of which only touched pages count.
    private const int ChunkMask = (1 << ChunkBits) - 1;

    private readonly List<nint> _outgrown = []; // Lists of chunks from before they grew: others may be reading them. Together they are no longer than the newest.
    private nint _chunks; // T**
    private int _listed; // How many chunks that list has room for. Never more: it is written behind the list, and read before.

    /// <param name="expectedLength">How many items there are going to be at most, as far as that is known: a limit may be raised later.</param>
    public ChunkedArray(long expectedLength)
    {
        _listed = (int)((expectedLength + ChunkMask) >> ChunkBits);
        _chunks = Allocate(_listed);
    }

    ~ChunkedArray() => Free();

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref ((T**)_chunks)[index >> ChunkBits][index & ChunkMask];
    }

    /// <summary>Whether the item exists.</summary>
    public bool Has(int index) => (uint)(index >> ChunkBits) < (uint)Volatile.Read(ref _listed) && Volatile.Read(ref ((nint*)_chunks)[index >> ChunkBits]) != 0;

    /// <summary>Makes sure that the item exists. New items are zero.</summary>
    public void Ensure(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var chunk = index >> ChunkBits;
        if (chunk >= _listed)
        {
            Grow(Math.Max(chunk + 1, _listed * 2));
        }

        if (((nint*)_chunks)[chunk] == 0)
        {
            var items = NativeMemory.AllocZeroed(1 << ChunkBits, (nuint)sizeof(T));
            Volatile.Write(ref ((nint*)_chunks)[chunk], (nint)items);
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static nint Allocate(int chunks) => (nint)NativeMemory.AllocZeroed((nuint)Math.Max(1, chunks), (nuint)sizeof(nint));

    /// <summary>Chunks stay where they are: who reads an old list finds all that it was told of before this.</summary>
    private void Grow(int chunks)
    {
        var larger = Allocate(chunks);
        new Span<nint>((void*)_chunks, _listed).CopyTo(new Span<nint>((void*)larger, chunks));
        _outgrown.Add(_chunks);
        Volatile.Write(ref _chunks, larger);
        Volatile.Write(ref _listed, chunks);
    }

    private void Free()
    {
        for (var i = 0; i < _listed; i++)
        {
            NativeMemory.Free((void*)((nint*)_chunks)[i]);
        }

        NativeMemory.Free((void*)_chunks);
        _outgrown.ForEach(static chunks => NativeMemory.Free((void*)chunks));
        _outgrown.Clear();
        (_chunks, _listed) = (0, 0);
    }
}
