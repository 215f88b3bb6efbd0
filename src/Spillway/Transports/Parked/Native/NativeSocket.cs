using System.Buffers;
using System.Runtime.InteropServices;

namespace Spillway.Transports.Parked.Native;

/// <summary>
/// System calls on sockets that do not block. A result is what the call returns or, below zero, the negated <see cref="Errno"/>; an interrupted call is made again, for an edge is announced once.
/// </summary>
internal static unsafe class NativeSocket
{
    /// <summary>The most pieces of one send; what is beyond goes with the next.</summary>
    public const int MostVectors = 16; // 64 KiB in blocks of the memory pool, more than a socket takes at once.

    /// <summary>The bytes of an address of IPv6, the longest there is here.</summary>
    public const int AddressBytes = 28;

    private const int NoSignal = 0x4000; // MSG_NOSIGNAL: a peer that has gone is an error, not the end of the process.
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000; // SOCK_NONBLOCK | SOCK_CLOEXEC
    private const int SocketLevel = 1, Linger = 13; // SOL_SOCKET, SO_LINGER

    /// <summary>Accepts; writes the peer's address (<c>struct sockaddr</c>) and its length.</summary>
    public static int Accept(int listener, Span<byte> address, out int addressLength)
    {
        fixed (byte* at = address)
        {
            while (true)
            {
                var length = (uint)address.Length;
                var result = Libc.Accept(listener, at, &length, NonBlockingCloseOnExec);
                addressLength = (int)Math.Min(length, (uint)address.Length);
                if (!Interrupted(result, out var outcome))
                {
                    return outcome;
                }
            }
        }
    }

    /// <summary>The socket's own address; its length, or why not.</summary>
    public static int GetName(int socket, Span<byte> address)
    {
        fixed (byte* at = address)
        {
            var length = (uint)address.Length;
            return Libc.GetName(socket, at, &length) == 0 ? (int)Math.Min(length, (uint)address.Length) : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Reads what is there. 0: the peer sends no more.</summary>
    public static int Receive(int socket, Span<byte> into)
    {
        fixed (byte* at = into)
        {
            while (true)
            {
                var result = Libc.Receive(socket, at, (nuint)into.Length, 0);
                if (!Interrupted(result, out var outcome))
                {
                    return outcome;
                }
            }
        }
    }

    /// <summary>Gives the kernel what it takes: all, some, or <see cref="Errno.Again"/>.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes)
        {
            while (true)
            {
                var result = Libc.Send(socket, at, (nuint)bytes.Length, NoSignal);
                if (!Interrupted(result, out var outcome))
                {
                    return outcome;
                }
            }
        }
    }

    /// <summary>The same for bytes in pieces; at most <see cref="MostVectors"/> of them go.</summary>
    public static int Send(int socket, in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            return Send(socket, bytes.FirstSpan);
        }

        var vectors = stackalloc IoVector[MostVectors];
        var pins = new Pins();
        var count = 0;
        try
        {
            foreach (var piece in bytes)
            {
                if (count == MostVectors)
                {
                    break;
                }

                pins[count] = piece.Pin();
                vectors[count] = new IoVector { Start = (byte*)pins[count].Pointer, Length = (nuint)piece.Length };
                count++;
            }

            return Send(socket, vectors, count);
        }
        finally
        {
            for (var i = 0; i < count; i++)
            {
                pins[i].Dispose();
            }
        }
    }

    /// <summary>Ends sending, and so tells the peer; or both directions.</summary>
    public static int Shutdown(int socket, bool both) => Libc.Shutdown(socket, both ? 2 : 1) == 0 ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>Closes; never again after an error, for on Linux the number is free whatever the result says.</summary>
    public static void Close(int descriptor) => _ = Libc.Close(descriptor);

    /// <summary>Closes so that the peer gets a reset, and nothing waits to be sent.</summary>
    public static void Reset(int socket)
    {
        var linger = stackalloc int[2] { 1, 0 }; // On, for no time.
        _ = Libc.SetOption(socket, SocketLevel, Linger, linger, 2 * sizeof(int));
        Close(socket);
    }

    public static int SetOption(int socket, int level, int name, int value) =>
        Libc.SetOption(socket, level, name, &value, sizeof(int)) == 0 ? 0 : -Marshal.GetLastPInvokeError();

    public static int GetOption(int socket, int level, int name, out int value)
    {
        int read;
        var length = (uint)sizeof(int);
        var result = Libc.GetOption(socket, level, name, &read, &length);
        value = read;
        return result == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    private static int Send(int socket, IoVector* vectors, int count)
    {
        var message = new MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        while (true)
        {
            var result = Libc.SendMessage(socket, &message, NoSignal);
            if (!Interrupted(result, out var outcome))
            {
                return outcome;
            }
        }
    }

    private static bool Interrupted(nint result, out int outcome)
    {
        outcome = result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();
        return outcome == -Errno.Interrupted;
    }

    [System.Runtime.CompilerServices.InlineArray(MostVectors)]
    private struct Pins
    {
        private MemoryHandle _first;
    }
}
