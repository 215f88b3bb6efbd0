using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>A growing list of numbers outside the garbage collector's heap. A struct to live inside others; its owner frees it.</summary>
internal unsafe struct IntList
{
    private int* _items;
    private int _capacity;

    public int Count { get; private set; }

    public readonly Span<int> Items => new(_items, Count);

    public readonly ref int this[int index] => ref _items[index];

    /// <summary>Adds and returns the place.</summary>
    public int Add(int item)
    {
        if (Count == _capacity)
        {
            _capacity = _capacity == 0 ? 2 : _capacity + Math.Max(2, _capacity / 2); // A third of slack on average: most lists stay small.
            _items = (int*)NativeMemory.Realloc(_items, (nuint)_capacity * sizeof(int));
        }

        _items[Count] = item;
        return Count++;
    }

    /// <summary>Fills the place with the last item.</summary>
    public void RemoveAt(int index)
    {
        _items[index] = _items[--Count];
        if (Count == 0)
        {
            Free();
        }
    }

    public void Free()
    {
        NativeMemory.Free(_items);
        _items = null;
        _capacity = 0;
        Count = 0;
    }
}
