using System.Net;
using System.Net.Sockets;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Two ends of a connection over loopback; one is used by its descriptor, which does not block.</summary>
internal sealed class SocketPair : IDisposable
{
    private readonly Socket _own;

    public SocketPair(int sendBuffer = 0)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (sendBuffer > 0)
        {
            listener.SendBufferSize = sendBuffer;
        }

        listener.Listen();
        Peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Peer.Connect(listener.LocalEndPoint!);
        _own = listener.Accept();
        (_own.Blocking, _own.NoDelay) = (false, true);
    }

    public Socket Peer { get; }

    public int Descriptor => (int)_own.SafeHandle.DangerousGetHandle();

    /// <summary>Waits until the peer's bytes, or its end, are there: loopback is no function call.</summary>
    public void WaitForPeer() => Assert.True(_own.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectRead), "The peer sent nothing.");

    public void Dispose()
    {
        Peer.Dispose();
        _own.Dispose();
    }
}
