using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>A fixed array outside the garbage collector's heap. Its pages cost nothing until they are touched.</summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    private T* _items;

    public NativeArray(long length)
    {
        Length = length;
        _items = (T*)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(T));
    }

    ~NativeArray() => Free();

    public long Length { get; }

    public T* Pointer => _items;

    /// <summary>The item, unchecked outside debug builds: the hot paths mask or own their indexes.</summary>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            System.Diagnostics.Debug.Assert((ulong)index < (ulong)Length, "Index out of range.");
            return ref _items[index];
        }
    }

    /// <summary>Grows (never shrinks) by copying; only where no other thread reads.</summary>
    public NativeArray<T> GrownTo(long length)
    {
        var grown = new NativeArray<T>(length);
        Buffer.MemoryCopy(_items, grown._items, length * sizeof(T), Length * sizeof(T));
        Dispose();
        return grown;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_items);
        _items = null;
    }
}
