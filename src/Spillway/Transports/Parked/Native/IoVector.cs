using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked.Native;

/// <summary><c>struct iovec</c>: some of the bytes of one send.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}
