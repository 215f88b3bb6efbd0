using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked;

/// <summary>Reads <c>struct sockaddr_in</c> and <c>sockaddr_in6</c>.</summary>
internal static class InternetAddress
{
    private const ushort V4 = 2, V6 = 10; // AF_INET, AF_INET6
    private const int V4Bytes = 16, V6Bytes = 28;

    /// <summary>Null where it is none of the two, or cut.</summary>
    public static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < V4Bytes)
        {
            return null;
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) switch
        {
            V4 => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            V6 when address.Length >= V6Bytes => new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port),
            _ => null,
        };
    }
}
