using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Transports.Parked.Native;

/// <summary>
/// The descriptors that one thread watches, and how others wake it. <see cref="Wait"/> is for that thread; adding, removing and <see cref="Wake"/> are for all.
/// </summary>
internal sealed unsafe class EpollSet : IDisposable
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
        var result = Add(wake, WakeData, EpollEvents.In | EpollEvents.EdgeTriggered); // By edges, the counter need not be read back: each write is an edge.
        if (result < 0)
        {
            Dispose();
            throw new IOException($"epoll_ctl failed: {Marshal.GetPInvokeErrorMessage(-result)}.", -result);
        }
    }

    /// <summary>The set's own descriptor.</summary>
    public int Descriptor => _set;

    /// <summary>Watches a descriptor. What is ready already is told, too. 0, or the negated reason: no memory, or the user's limit of watches.</summary>
    /// <param name="descriptor">It.</param>
    /// <param name="data">Comes back with its events; not <see cref="ulong.MaxValue"/>.</param>
    /// <param name="events">Which.</param>
    public int Add(int descriptor, ulong data, EpollEvents events)
    {
        var item = stackalloc byte[16];
        _layout.Write(new Span<byte>(item, 16), events, data);
        return Libc.EpollControl(_set, AddIt, descriptor, item) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Ends watching. Events that a wait has brought already are still with its caller.</summary>
    public int Remove(int descriptor)
    {
        var item = stackalloc byte[16]; // Kernels before 2.6.9 want one.
        return Libc.EpollControl(_set, RemoveIt, descriptor, item) == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>
    /// Sleeps until something is ready, somebody wakes it, or the time is over (negative: never). Returns how many events it wrote; a wake-up is none of them. Whoever looks at a queue looks
    /// after this has returned: what was queued before a <see cref="Wake"/> is then seen, or the next wait does not sleep.
    /// </summary>
    public int Wait(Span<ReadyEvent> ready, int milliseconds)
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

    /// <summary>Ends the wait that is under way, or else the next one at once. A system call only if the thread sleeps.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Sleeping)
        {
            WakeSleeper();
        }
    }

    /// <summary>Only when no thread waits, adds or removes any more: the numbers are free for others at once. A wake-up may still come, and does nothing.</summary>
    public void Dispose()
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
