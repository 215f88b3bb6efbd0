using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Spillway.Transports.Parked.Native;

namespace Spillway.Transports.Parked.Managed;

/// <summary>
/// .NET's sockets, where Linux itself is not to be had: numbers of a table stand for them. Reasons are those of <see cref="SocketError"/>.
/// </summary>
internal sealed class ManagedCalls : SocketCalls
{
    private readonly SocketTable _table = new();

    /// <summary>Sockets that are open.</summary>
    public int Count => _table.Count;

    public override long DescriptorLimit => NativeCalls.IsSupported ? Descriptors.Limit : int.MaxValue; // Elsewhere .NET does not say: there the option holds, or a call fails.

    /// <summary>A reason as calls return it.</summary>
    public static int Failed(SocketError error) => error switch
    {
        SocketError.WouldBlock => -Again,
        > SocketError.Success => -(int)error,
        _ => -(int)SocketError.Fault, // "Unspecified" is below zero.
    };

    public override SocketSet CreateSet(int most) => new ManagedSet(_table);

    public override int Track(Socket listening) => _table.Add(new ManagedListener(listening));

    public override void Forget(int listening)
    {
        if (_table.Find(listening) is ManagedListener listener && _table.Remove(listening) is not null)
        {
            listener.Forget();
        }
    }

    public override int Accept(int listening, out IPEndPoint? peer)
    {
        peer = null;
        if (_table.Find(listening) is not ManagedListener listener)
        {
            return Failed(SocketError.NotSocket);
        }

        var result = listener.Accept(out var accepted);
        return accepted is null ? result : Take(accepted, out peer);
    }

    public override IPEndPoint? NameOf(int socket)
    {
        try
        {
            return _table.Find(socket)?.Socket.LocalEndPoint as IPEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public override int DescriptorOf(int socket) => OperatingSystem.IsWindows() ? 0 : (int)(_table.Find(socket)?.Socket.SafeHandle.DangerousGetHandle() ?? -1); // Windows has no such table.

    public override int Receive(int socket, Span<byte> into) => Connected(socket)?.Receive(into) ?? Failed(SocketError.NotSocket);

    public override int Send(int socket, ReadOnlySpan<byte> bytes) => Connected(socket)?.Send(bytes) ?? Failed(SocketError.NotSocket);

    public override int Send(int socket, in ReadOnlySequence<byte> bytes)
    {
        var all = 0;
        foreach (var piece in bytes)
        {
            var sent = Send(socket, piece.Span);
            if (sent < 0)
            {
                return all > 0 ? all : sent;
            }

            all += sent;
            if (sent < piece.Length)
            {
                break;
            }
        }

        return all;
    }

    public override int Flush(int socket) => Connected(socket)?.Flush() ?? Failed(SocketError.NotSocket);

    public override void Shutdown(int socket, bool both) => Connected(socket)?.Shutdown(both);

    public override void Close(int socket) => (_table.Remove(socket) as ManagedSocket)?.Close();

    public override void Reset(int socket) => (_table.Remove(socket) as ManagedSocket)?.Reset();

    public override bool IsOfPeer(int error) => (SocketError)error is SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.TimedOut or SocketError.HostUnreachable
        or SocketError.AccessDenied or SocketError.ProtocolOption or SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.OperationNotSupported;

    public override bool IsLostPeer(int error) => (SocketError)error == SocketError.TimedOut;

    public override string Describe(int error) => new SocketException(error).Message;

    private ManagedSocket? Connected(int socket) => _table.Find(socket) as ManagedSocket;

    private int Take(Socket accepted, out IPEndPoint? peer)
    {
        try
        {
            accepted.Blocking = false;
            accepted.NoDelay = true; // Not every system lets it be inherited.
            peer = accepted.RemoteEndPoint as IPEndPoint;
            return _table.Add(new ManagedSocket(accepted));
        }
        catch (SocketException e)
        {
            peer = null;
            accepted.Dispose();
            return Failed(e.SocketErrorCode);
        }
    }
}
