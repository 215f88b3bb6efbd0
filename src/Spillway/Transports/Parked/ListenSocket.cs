using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Spillway.Transports.Parked.Native;

namespace Spillway.Transports.Parked;

/// <summary>Binds sockets that listen. What they accept inherits their options, without a call per connection.</summary>
internal static class ListenSocket
{
    private const int Tcp = 6; // IPPROTO_TCP
    private const int KeepAliveIdle = 4, KeepAliveInterval = 5, KeepAliveCount = 6, UserTimeout = 18, NotSentLowWater = 25; // TCP_...
    private const int Probes = 4; // Until a silent peer has gone; TCP_USER_TIMEOUT ends it earlier.

    public static Socket Bind(IPEndPoint endpoint, TransportOptions options, TimeSpan peerTimeout)
    {
        Socket socket;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint); // As Kestrel does: IPv6Any is both families.
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        try
        {
            Tune(socket, options, peerTimeout);
            socket.Listen(options.Backlog);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse) // Two may bind before one of them listens.
        {
            socket.Dispose();
            throw new AddressInUseException(e.Message, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Tune(Socket socket, TransportOptions options, TimeSpan peerTimeout)
    {
        socket.Blocking = false;
        socket.NoDelay = true;
        socket.SendBufferSize = options.UnacknowledgedBytes; // The kernel doubles it, for what it needs itself, and cuts it to net.core.wmem_max.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        var seconds = Math.Max(1, (int)peerTimeout.TotalSeconds);
        Set(NotSentLowWater, options.UnsentBytes);
        Set(UserTimeout, (int)peerTimeout.TotalMilliseconds);
        Set(KeepAliveIdle, Math.Min(seconds, 32_767)); // The most that the kernel takes.
        Set(KeepAliveInterval, Math.Clamp(seconds / Probes, 1, 32_767));
        Set(KeepAliveCount, Probes);

        void Set(int name, int value)
        {
            var result = NativeSocket.SetOption(descriptor, Tcp, name, value);
            if (result < 0)
            {
                throw new IOException($"setsockopt({name}, {value}) failed: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(-result)}.", -result);
            }
        }
    }
}
