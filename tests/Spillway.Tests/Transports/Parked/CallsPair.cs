using System.Net;
using System.Net.Sockets;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Two ends of a connection over loopback; one is used by its number.</summary>
internal sealed class CallsPair : IDisposable
{
    private const int Patience = 30_000; // Milliseconds of real time: only a test that fails waits so long.

    public CallsPair(SocketCalls calls, int sendBuffer = 0, int receiveBuffer = 0)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (sendBuffer > 0)
        {
            listener.SendBufferSize = sendBuffer;
        }

        listener.Blocking = false;
        listener.Listen();
        Peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            Peer.ReceiveBufferSize = receiveBuffer;
        }

        Peer.Connect(listener.LocalEndPoint!);
        var listening = calls.Track(listener);
        var accepted = -SocketCalls.Again;
        Assert.True(SpinWait.SpinUntil(() => (accepted = calls.Accept(listening, out _)) != -SocketCalls.Again, Patience), "Nobody was accepted.");
        Assert.True(accepted >= 0, $"Accepting answered {accepted}.");
        calls.Forget(listening);
        Number = accepted;
    }

    public Socket Peer { get; }

    /// <summary>The other end's. Tests close it.</summary>
    public int Number { get; }

    public void Dispose() => Peer.Dispose();
}
