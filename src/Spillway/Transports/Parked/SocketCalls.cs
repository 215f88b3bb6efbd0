using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Spillway.Transports.Parked;

/// <summary>
/// What is asked of the system: calls on sockets that do not block, named by numbers. A number is the descriptor, or stands for a .NET socket. A result is what the call returns or, below zero, the negated
/// reason, of which callers know <see cref="Again"/> and ask about the others. Whoever closes a socket gives its number away at once.
/// </summary>
internal abstract class SocketCalls
{
    /// <summary>Nothing is there, or nothing further is taken, for now: the set tells when.</summary>
    public const int Again = 11; // EAGAIN

    /// <summary>How many descriptors the process may have.</summary>
    public abstract long DescriptorLimit { get; }

    /// <param name="most">The most events that one wait brings.</param>
    public abstract SocketSet CreateSet(int most);

    /// <summary>Numbers a socket that listens, and that the caller disposes of behind <see cref="Forget"/>.</summary>
    public abstract int Track(Socket listening);

    /// <summary>It listens no more. A second time is harmless. Any thread.</summary>
    public abstract void Forget(int listening);

    public abstract int Accept(int listening, out IPEndPoint? peer);

    /// <summary>The socket's own address.</summary>
    public abstract IPEndPoint? NameOf(int socket);

    /// <summary>The number in the process's table of descriptors: the lowest that was free when it was made.</summary>
    public abstract int DescriptorOf(int socket);

    /// <summary>Reads what is there. 0: the peer sends no more. Who was brought less than there is room for hears of what comes next.</summary>
    public abstract int Receive(int socket, Span<byte> into);

    /// <summary>Gives the kernel what it takes: all, some, or <see cref="Again"/>.</summary>
    public abstract int Send(int socket, ReadOnlySpan<byte> bytes);

    /// <summary>The same for bytes in pieces, of which it may leave some to the next.</summary>
    public abstract int Send(int socket, in ReadOnlySequence<byte> bytes);

    /// <summary>0 once the kernel has all that was sent; or <see cref="Again"/>, then the set tells.</summary>
    public abstract int Flush(int socket);

    /// <summary>Ends sending behind what was sent, and so tells the peer; or both directions.</summary>
    public abstract void Shutdown(int socket, bool both);

    /// <summary>Closes; never again, whatever happens.</summary>
    public abstract void Close(int socket);

    /// <summary>Closes so that the peer gets a reset, and nothing waits to be sent.</summary>
    public abstract void Reset(int socket);

    /// <summary>Whether accepting failed for a reason that lies with one client, or with the network, and not with this process.</summary>
    public abstract bool IsOfPeer(int error);

    /// <summary>Whether a call failed because the peer has acknowledged, or taken, nothing for <see cref="TransportOptions.PeerTimeout"/>; false where the system does not tell.</summary>
    public virtual bool IsLostPeer(int error) => false;

    /// <summary>The reason in words.</summary>
    public abstract string Describe(int error);
}
