using System.Net.WebSockets;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>A subscriber without our client: it comes back with its last cursor whenever its stream ends, and sooner than it is told, so that it also meets a hub that is leaving, and a closed port.</summary>
internal abstract class RawFollower : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _gaps;
    private int _drains;

    public Received Received { get; } = new();

    public int Gaps => Volatile.Read(ref _gaps);

    /// <summary>How often it was told that the hub stops.</summary>
    public int Drains => Volatile.Read(ref _drains);

    protected string? Cursor { get; private set; }

    /// <summary>Begins, and returns once it is subscribed.</summary>
    public Task StartAsync()
    {
        _running = Task.Run(RunAsync);
        return Task.WhenAny(_connected.Task, _running);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
        Received.Dispose();
        DisposeClient();
    }

    /// <summary>Connects and reads until the stream ends, or throws as its client does.</summary>
    protected abstract Task ReadAsync(CancellationToken cancellationToken);

    protected virtual void DisposeClient()
    {
    }

    protected void Take(string? cursor, string data)
    {
        Cursor = cursor;
        Received.Add(data);
    }

    /// <param name="name">Without "spillway-".</param>
    protected void TakeSignal(string name, string? cursor)
    {
        Cursor = string.IsNullOrEmpty(cursor) ? Cursor : cursor;
        _gaps += name == "gap" ? 1 : 0;
        _drains += name == "drain" ? 1 : 0;
        if (name == "open")
        {
            _connected.TrySetResult();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            using var tries = new PeriodicTimer(Pause);
            do
            {
                try
                {
                    await ReadAsync(_end.Token);
                }
                catch (Exception fault) when (fault is HttpRequestException or IOException or WebSocketException)
                {
                    // Refused, cut or turned away: it tries again.
                }
            }
            while (await tries.WaitForNextTickAsync(_end.Token));
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
        }
    }
}
