using System.Net.Sockets;
using System.Runtime.InteropServices;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked.Native;

public sealed class EpollSetTests : IDisposable
{
    private const int Patience = 30_000; // Milliseconds of real time: only a test that fails waits so long.
    private const int Exists = 17, BadDescriptor = 9; // EEXIST, EBADF
    private const int WindowChanged = 28; // SIGWINCH, which ends nobody.
    private const ulong Wide = 0xFEDC_BA98_7654_3210; // All bits of the data come back, whatever the layout.

    private readonly EpollSet _set = new();
    private readonly SocketPair _pair = new();
    private readonly ReadyEvent[] _ready = new ReadyEvent[8];

    public void Dispose()
    {
        _set.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public void Add_ReadyAlready_IsTold()
    {
        _pair.Peer.Send("x"u8);
        _pair.WaitForPeer();

        var result = _set.Add(_pair.Descriptor, Wide, SocketEvents.Socket);

        Assert.Equal(0, result);
        Assert.Equal(1, _set.Wait(_ready, Patience));
        Assert.Equal(new ReadyEvent(SocketEvents.In | SocketEvents.Out, Wide), _ready[0]);
    }

    [Fact]
    public void Wait_DataAndEndInOneEdge_TellsBoth()
    {
        _pair.Peer.Send("x"u8);
        _pair.Peer.Shutdown(SocketShutdown.Send);
        var bytes = new byte[8];
        Assert.True(SpinWait.SpinUntil(() => Peek(SocketEvents.PeerHangUp), Patience));

        _set.Add(_pair.Descriptor, 1, SocketEvents.Socket);
        _set.Wait(_ready, Patience);

        Assert.True(_ready[0].Events.HasFlag(SocketEvents.In | SocketEvents.PeerHangUp));
        Assert.Equal((1, 0), (NativeSocket.Receive(_pair.Descriptor, bytes), NativeSocket.Receive(_pair.Descriptor, bytes)));
    }

    [Fact]
    public void Wait_MoreAreReadyThanFit_BringsTheRestNextTime()
    {
        using var second = new SocketPair();
        using var third = new SocketPair();
        _set.Add(_pair.Descriptor, 1, SocketEvents.Socket);
        _set.Add(second.Descriptor, 2, SocketEvents.Socket);
        _set.Add(third.Descriptor, 3, SocketEvents.Socket);

        var first = _set.Wait(_ready.AsSpan(0, 2), Patience);
        var rest = _set.Wait(_ready.AsSpan(2, 2), Patience);

        Assert.Equal((2, 1), (first, rest));
        Assert.Equal((ulong[])[1, 2, 3], _ready[..3].Select(static ready => ready.Data).Order());
    }

    [Fact]
    public void Remove_Watched_IsToldNoMore()
    {
        _set.Add(_pair.Descriptor, 1, SocketEvents.Socket);

        var result = _set.Remove(_pair.Descriptor);

        Assert.Equal((0, 0), (result, _set.Wait(_ready, 0)));
    }

    [Fact]
    public void Add_Twice_SaysThatItIsThere()
    {
        _set.Add(_pair.Descriptor, 1, SocketEvents.Socket);

        Assert.Equal(-Exists, _set.Add(_pair.Descriptor, 2, SocketEvents.Socket));
    }

    [Fact]
    public void Add_NoDescriptor_SaysSo() => Assert.Equal((-BadDescriptor, -BadDescriptor), (_set.Add(int.MaxValue, 1, SocketEvents.Socket), _set.Remove(int.MaxValue)));

    [Fact]
    public void Wake_AfterItsEnd_DoesNothing()
    {
        var set = new EpollSet();
        set.Dispose();

        set.Wake();
        set.Dispose();
    }

    [Fact]
    public async Task Wait_SignalComes_ReturnsAsIfNothingWereReady()
    {
        using var handled = PosixSignalRegistration.Create((PosixSignal)WindowChanged, static context => context.Cancel = true);
        var (thread, returned) = (0, -1);
        var waiter = Task.Factory.StartNew(
            () =>
            {
                Volatile.Write(ref thread, GetThread());
                returned = _set.Wait(new ReadyEvent[1], Patience);
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        SpinWait.SpinUntil(() => Volatile.Read(ref thread) != 0, Patience);
        SpinWait.SpinUntil(() => waiter.IsCompleted || Signal(Environment.ProcessId, thread, WindowChanged) != 0, Patience); // Until it finds the thread asleep.

        await waiter;
        Assert.Equal(0, returned);
    }

    private bool Peek(SocketEvents wanted)
    {
        using var other = new EpollSet();
        other.Add(_pair.Descriptor, 1, SocketEvents.Socket);
        return other.Wait(_ready, 0) == 1 && _ready[0].Events.HasFlag(wanted);
    }

    [DllImport("libc", EntryPoint = "gettid")]
    private static extern int GetThread();

    [DllImport("libc", EntryPoint = "tgkill")]
    private static extern int Signal(int process, int thread, int signal);
}
