using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>One subscription set as a view over the window, shared by all connections of a loop that want the same. It stores no event.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Feed
{
    /// <summary>Its strands, sorted, then as many places: where each strand's list of subscribers holds this feed.</summary>
    public int* Strands;

    /// <summary>Connections.</summary>
    public IntList Members;

    public uint Hash;

    /// <summary>The next feed with the same bucket.</summary>
    public int Next;

    public int Count;

    /// <summary>Whether only exact topics are in it, so that it can end.</summary>
    public bool ExactOnly;

    public readonly ReadOnlySpan<int> StrandSpan => new(Strands, Count);

    public readonly Span<int> Places => new(Strands + Count, Count);
}
