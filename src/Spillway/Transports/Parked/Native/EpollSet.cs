using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Transports.Parked.Native;

/// <summary>An epoll set, and an event descriptor among what it watches.</summary>
internal sealed unsafe class EpollSet : SocketSet
{
    private const int CloseOnExec = 0x80000, NonBlocking = 0x800; // EPOLL_CLOEXEC and EFD_CLOEXEC, EFD_NONBLOCK
    private const int AddIt = 1, RemoveIt = 2; // EPOLL_CTL_ADD, EPOLL_CTL_DEL
    private const ulong WakeData = ulong.MaxValue; // Nobody else registers with it.

    private const int Awake = 0, Sleeping = 1, Woken = 2;

    private readonly EpollLayout _layout = EpollLayout.Current;
    private readonly int _most;
    private readonly int _set;
    private readonly SafeFileHandle _wake; // Counts its uses: a late wake-up never writes to a descriptor that has the number now.
    private byte* _items;
    private int _state;

    /// <param name="most">The most events that one wait brings.</param>
    public EpollSet(int most = 256)
    {
        _most = most;
        _set = Libc.EpollCreate(CloseOnExec);
        if (_set < 0)
        {
            throw Descriptors.Fault("epoll_create1");
        }

        var wake = Libc.EventDescriptor(0, CloseOnExec | NonBlocking);
        if (wake < 0)
        {
            var fault = Descriptors.Fault("eventfd");
            NativeSocket.Close(_set);
            throw fault;
        }

        _wake = new SafeFileHandle(wake, ownsHandle: true);

        _items = (byte*)NativeMemory.Alloc((nuint)most, (nuint)_layout.Size);
        var result = Add(wake, WakeData, SocketEvents.In | SocketEvents.EdgeTriggered); // By edges, the counter need not be read back: each write is an edge.
        if (result < 0)
        {
            Dispose();
            throw new IOException($"epoll_ctl failed: {Marshal.GetPInvokeErrorMessage(-result)}.", -result);
        }
    }

    public override int Add(int socket, ulong data, SocketEvents events)
    {
        var item = stackalloc byte[16];
        _layout.Write(new Span<byte>(item, 16), events, data);
        return Libc.EpollControl(_set, AddIt, socket, item) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    public override int Remove(int socket)
    {
        var item = stackalloc byte[16]; // Kernels before 2.6.9 want one.
        return Libc.EpollControl(_set, RemoveIt, socket, item) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    public override int Wait(Span<ReadyEvent> ready, int milliseconds)
    {
        if (Interlocked.CompareExchange(ref _state, Sleeping, Awake) == Woken)
        {
            milliseconds = 0;
        }

        var count = Libc.EpollWait(_set, _items, Math.Min(_most, ready.Length), milliseconds);
        var error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        Interlocked.Exchange(ref _state, Awake); // A full fence: what wakers queued before is visible to the caller.
        if (count < 0)
        {
            return error == Errno.Interrupted ? 0 : throw new IOException($"epoll_wait failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
        }

        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var item = _layout.Read(new ReadOnlySpan<byte>(_items + (i * _layout.Size), _layout.Size));
            if (item.Data != WakeData)
            {
                ready[kept++] = item;
            }
        }

        return kept;
    }

    /// <summary>A system call only if the thread sleeps.</summary>
    public override void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Sleeping)
        {
            WakeSleeper();
        }
    }

    /// <summary>A copy of the set's own descriptor.</summary>
    public override bool TryProbe(out int socket) => Descriptors.TryCopy(_set, out socket);

    /// <summary>The numbers are free for others at once.</summary>
    public override void Dispose()
    {
        if (_items is not null)
        {
            _wake.Dispose();
            NativeSocket.Close(_set);
            NativeMemory.Free(_items);
            _items = null;
        }
    }

    private void WakeSleeper()
    {
        var taken = false;
        try
        {
            _wake.DangerousAddRef(ref taken);
            var one = 1UL;
            _ = Libc.Write((int)_wake.DangerousGetHandle(), (byte*)&one, sizeof(ulong)); // Fails only when the counter is full: then an edge is there already.
        }
        catch (ObjectDisposedException)
        {
            // Nobody sleeps here any more.
        }
        finally
        {
            if (taken)
            {
                _wake.DangerousRelease();
            }
        }
    }
}
