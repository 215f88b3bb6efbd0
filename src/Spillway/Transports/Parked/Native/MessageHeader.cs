using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked.Native;

/// <summary><c>struct msghdr</c>; the fields' natural alignment is that of every 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public void* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}
