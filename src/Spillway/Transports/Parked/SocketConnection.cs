using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Spillway.Transports.Parked;

/// <summary>
/// One accepted socket, as Kestrel sees it: two pipes. It ends once: sending ends (all is sent and Kestrel has completed its output, a send fails, it is aborted, or it is detached), and then the I/O
/// thread closes it or hands it off. Until then the descriptor stays open, so whoever sends never sends to a stranger.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "The timer goes with the hand-off; the token source has neither timer nor handle, and Kestrel's registrations outlive the connection.")]
internal sealed partial class SocketConnection : ConnectionContext, IReady, IDuplexPipe,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IMemoryPoolFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature, IDetachableConnection
{
    private const int Hosted = 0, Aborted = 1, Detached = 2;

    private static readonly TaskCompletionSource Ended = new();

    private readonly SocketHost _host;
    private readonly int _descriptor;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly DetachableReader _reader;
    private readonly DetachableWriter _writer;
    private readonly CancellationTokenSource _closed = new();
    private long _place;
    private int _life; // Hosted, then for good Aborted (or ended by itself) or Detached.
    private Exception? _reason; // Why it was aborted, or what a call failed with.
    private TaskCompletionSource? _end;
    private string? _id;
    private IDictionary<object, object?>? _items;
    private bool _released;
    private bool _closedTold;
    private bool _isStopped; // By its thread: the transport stops, or failed with it.

    public SocketConnection(SocketHost host, int descriptor, EndPoint? local, EndPoint? remote)
    {
        (_host, _descriptor, LocalEndPoint, RemoteEndPoint) = (host, descriptor, local, remote);
        _input = new Pipe(host.Input);
        _output = new Pipe(host.Output);
        _reader = new DetachableReader(_input.Reader);
        _writer = new DetachableWriter(_output.Writer, this);
        Transport = this;
        Features = new ConnectionFeatures(this);
        ConnectionClosed = _closed.Token;
    }

    /// <summary>Thirteen characters, unique in this process and, but by chance, among its predecessors.</summary>
    public override string ConnectionId
    {
        get => _id ??= ConnectionNumber.Next();
        set => _id = value;
    }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public MemoryPool<byte> MemoryPool => _host.Pool;

    PipeReader IDuplexPipe.Input => _reader;

    PipeWriter IDuplexPipe.Output => _writer;

    /// <summary>Is watched from now on, before Kestrel knows of it. False: it is closed, for it cannot be. On the I/O thread.</summary>
    public bool Begin(out int error)
    {
        _place = _host.Io.Watch(this, _descriptor, SocketEvents.Socket);
        error = _place < 0 ? (int)-_place : 0;
        if (error != 0)
        {
            _host.Calls.Close(_descriptor);
            _closed.Dispose();
        }

        return error == 0;
    }

    public void OnReady(SocketEvents events)
    {
        if ((events & (SocketEvents.In | SocketEvents.Ending)) != 0)
        {
            _ending |= (events & SocketEvents.Ending) != 0;
            Receive();
        }

        if ((events & (SocketEvents.Out | SocketEvents.Error | SocketEvents.HangUp)) != 0)
        {
            _writable = true;
            Pump();
        }
    }

    public void OnStop()
    {
        _isStopped |= _reason is null;
        EndNow(new ConnectionAbortedException("The server has stopped."));
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (Interlocked.CompareExchange(ref _life, Aborted, Hosted) == Hosted) // A detached socket is not Kestrel's to abort.
        {
            EndNow(abortReason);
        }
    }

    public override void Abort() => Abort(new ConnectionAbortedException("The connection was aborted by the application."));

    /// <summary>Kestrel is through with it: what it wrote is sent, then the socket is closed. Of a detached one nothing is left.</summary>
    [SuppressMessage("Usage", "CA2215", Justification = "The base has nothing to let go of.")]
    [SuppressMessage("Performance", "CA1849", Justification = "Completing an end of these pipes never waits.")]
    public override ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _life) == Detached)
        {
            return default;
        }

        _reader.Complete();
        _writer.Complete();
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _end, end, null) is { } other ? new(other == Ended ? Task.CompletedTask : other.Task) : new(end.Task);
    }

    private void EndNow(Exception reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        _cut = true;
        Pump();
    }

    /// <summary>Sending has ended: nobody uses the descriptor but the I/O thread, which this runs on.</summary>
    private void OnSendingEnded()
    {
        if (Interlocked.CompareExchange(ref _life, Aborted, Hosted) == Detached) // From here on nobody detaches it, who would wait for a hand-off.
        {
            HandOff();
        }
        else
        {
            Close();
        }
    }

    private void Close()
    {
        if (_released)
        {
            return;
        }

        Release();
        _host.Io.Forget(_place);
        if (_reason is null)
        {
            _host.Calls.Shutdown(_descriptor, both: true);
            _host.Calls.Close(_descriptor);
        }
        else
        {
            _host.Calls.Reset(_descriptor);
        }

        EndReceiving(_reason ?? new ConnectionAbortedException("The response was sent, and the connection closed."));
        if (Interlocked.Exchange(ref _end, Ended) is { } waiting)
        {
            waiting.TrySetResult();
        }
    }

    private void Release()
    {
        _released = true;
        _host.Metrics.Released();
    }
}
