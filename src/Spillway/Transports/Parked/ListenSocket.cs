using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Spillway.Transports.Parked;

/// <summary>Binds sockets that listen. What they accept inherits their options, without a call per connection.</summary>
internal static class ListenSocket
{
    private const int Tcp = 6, UserTimeout = 18, NotSentLowWater = 25; // IPPROTO_TCP, TCP_... of Linux
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
        var seconds = Math.Max(1, (int)peerTimeout.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Min(seconds, 32_767)); // The most that the kernel takes.
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Math.Clamp(seconds / Probes, 1, 32_767));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(Tcp, NotSentLowWater, BitConverter.GetBytes(options.UnsentBytes));
            socket.SetRawSocketOption(Tcp, UserTimeout, BitConverter.GetBytes((int)peerTimeout.TotalMilliseconds));
        }
    }
}
