using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked.Native;

/// <summary>Where the fields of <c>struct epoll_event</c> lie: the kernel packs it on x86 and x64 alone.</summary>
internal readonly record struct EpollLayout(int Size, int DataOffset)
{
    /// <summary>Of the process's own architecture.</summary>
    public static readonly EpollLayout Current = Of(RuntimeInformation.ProcessArchitecture);

    public static EpollLayout Of(Architecture architecture) => architecture is Architecture.X64 or Architecture.X86 ? new(12, 4) : new(16, 8);

    public void Write(Span<byte> item, SocketEvents events, ulong data)
    {
        MemoryMarshal.Write(item, (uint)events);
        MemoryMarshal.Write(item[DataOffset..], data);
    }

    public ReadyEvent Read(ReadOnlySpan<byte> item) => new((SocketEvents)MemoryMarshal.Read<uint>(item), MemoryMarshal.Read<ulong>(item[DataOffset..]));
}
