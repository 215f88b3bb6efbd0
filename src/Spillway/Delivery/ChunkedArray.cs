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

    private readonly T** _chunks;
    private readonly int _maxChunks;

    public ChunkedArray(long maxLength)
    {
        _maxChunks = (int)((maxLength + ChunkMask) >> ChunkBits);
        _chunks = (T**)NativeMemory.AllocZeroed((nuint)_maxChunks, (nuint)sizeof(T*));
    }

    ~ChunkedArray() => Free();

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _chunks[index >> ChunkBits][index & ChunkMask];
    }

    /// <summary>Whether the item exists.</summary>
    public bool Has(int index) => (uint)(index >> ChunkBits) < (uint)_maxChunks && Volatile.Read(ref Unsafe.AsRef<nint>(&_chunks[index >> ChunkBits])) != 0;

    /// <summary>Makes sure that the item exists. New items are zero.</summary>
    public void Ensure(int index)
    {
        var chunk = index >> ChunkBits;
        if ((uint)chunk >= (uint)_maxChunks)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, "The array's bound was set when it was made.");
        }

        if (_chunks[chunk] == null)
        {
            var items = NativeMemory.AllocZeroed(1 << ChunkBits, (nuint)sizeof(T));
            Volatile.Write(ref Unsafe.AsRef<nint>(&_chunks[chunk]), (nint)items);
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        for (var i = 0; i < _maxChunks; i++)
        {
            NativeMemory.Free(_chunks[i]);
            _chunks[i] = null;
        }
    }
}
