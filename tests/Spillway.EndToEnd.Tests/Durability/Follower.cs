using Spillway.Client;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>A subscriber that comes back by itself and keeps the ids of what it saw, in order.</summary>
internal sealed class Follower : IAsyncDisposable
{
    private readonly SpillwayClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Received _received = new();
    private readonly EventReader _reader;
    private readonly Task _running;

    private Follower(string url, StartingPoint start, Transport transport)
    {
        _client = new SpillwayClient(new SpillwayClientOptions
        {
            BaseAddress = new Uri(url),
            RetryDelay = TimeSpan.FromMilliseconds(20),
            MaxRetryDelay = TimeSpan.FromMilliseconds(20),
            MaxServerDelay = TimeSpan.FromMilliseconds(20),
        });
        _reader = _client.SubscribeAsync(new SubscribeOptions { Patterns = ["kill/**"], Start = start, Transport = transport }, _end.Token);
        _running = Task.Run(RunAsync);
    }

    public long Gaps => _reader.Gaps;

    public long Reconnects => _reader.Reconnects;

    public IReadOnlyList<string> Events => _received.Events;

    /// <summary>Follows what is published from now on.</summary>
    public static Follower Start(string url, Transport transport = Transport.Sse) => new(url, StartingPoint.Now, transport);

    /// <summary>Reads what there is from the beginning, until it has seen certain events.</summary>
    public static async Task<(IReadOnlyList<string> Events, long Gaps)> ReadAllAsync(string url, IReadOnlyList<string> ids)
    {
        await using var reader = new Follower(url, StartingPoint.Earliest, Transport.Sse);
        await reader.SeeAsync(ids);
        return (reader.Events, reader.Gaps);
    }

    public Task ConnectedAsync() => _connected.Task;

    /// <summary>Returns when it has seen certain events.</summary>
    public Task SeeAsync(IReadOnlyList<string> ids) => _received.SeeAsync(ids);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _client.Dispose();
        _end.Dispose();
        _received.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var item in _reader)
            {
                _connected.TrySetResult();
                if (item is ReceivedEvent received)
                {
                    _received.Add(received.Text);
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
        }
    }
}
