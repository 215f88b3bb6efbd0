using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked.Native;

/// <summary>Linux itself: sockets are descriptors, watched by epoll, and no object stands for any of them.</summary>
internal sealed class NativeCalls : SocketCalls
{
    public static bool IsSupported => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    public override long DescriptorLimit => Descriptors.Limit;

    public override SocketSet CreateSet(int most) => new EpollSet(most);

    public override int Track(Socket listening) => (int)listening.SafeHandle.DangerousGetHandle(); // The caller's, until it disposes of it.

    public override void Forget(int listening)
    {
        // It ends with the caller's object.
    }

    public override int Accept(int listening, out IPEndPoint? peer)
    {
        Span<byte> address = stackalloc byte[NativeSocket.AddressBytes];
        var result = NativeSocket.Accept(listening, address, out var length);
        peer = result < 0 ? null : InternetAddress.Read(address[..length]);
        return result;
    }

    public override IPEndPoint? NameOf(int socket)
    {
        Span<byte> address = stackalloc byte[NativeSocket.AddressBytes];
        var length = NativeSocket.GetName(socket, address);
        return length < 0 ? null : InternetAddress.Read(address[..length]);
    }

    public override int DescriptorOf(int socket) => socket;

    public override int Receive(int socket, Span<byte> into) => NativeSocket.Receive(socket, into);

    public override int Send(int socket, ReadOnlySpan<byte> bytes) => NativeSocket.Send(socket, bytes);

    public override int Send(int socket, in ReadOnlySequence<byte> bytes) => NativeSocket.Send(socket, bytes);

    public override int Flush(int socket) => 0; // What was not given to the kernel was not counted as sent.

    public override void Shutdown(int socket, bool both) => _ = NativeSocket.Shutdown(socket, both); // The peer may be gone; then there is nobody to tell.

    public override void Close(int socket) => NativeSocket.Close(socket);

    public override void Reset(int socket) => NativeSocket.Reset(socket);

    public override bool IsOfPeer(int error) => error is Errno.ConnectionAborted or Errno.ConnectionReset or Errno.TimedOut or Errno.HostUnreachable
        or Errno.NotPermitted or Errno.Protocol or Errno.NoProtocolOption or Errno.NetworkDown or Errno.NetworkUnreachable or Errno.HostDown or Errno.NotOnNetwork or Errno.NotSupported;

    public override bool IsLostPeer(int error) => error == Errno.TimedOut;

    public override string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);
}
