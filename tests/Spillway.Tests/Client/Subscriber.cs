using Spillway.Client;
using Spillway.TestKit;

namespace Spillway.Tests.Client;

/// <summary>A client on a clock that stands still, and one reader of its subscription. Jitter is fixed at its middle.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly SpillwayClient _client;
    private readonly IAsyncEnumerator<StreamItem> _items;
    private Task<bool>? _next;

    public Subscriber(FakeHub hub, SubscribeOptions? options = null, Func<CancellationToken, ValueTask<string?>>? credential = null)
    {
        _client = new SpillwayClient(new SpillwayClientOptions { BaseAddress = hub.Address, TimeProvider = Clock, NextRandom = () => 0.5, Credential = credential });
        Reader = _client.SubscribeAsync(options ?? new SubscribeOptions { Topics = ["a"] }, _stop.Token);
        _items = Reader.GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    public Subscriber(FakeHub hub, Transport transport, Func<CancellationToken, ValueTask<string?>>? credential = null)
        : this(hub, new SubscribeOptions { Topics = ["a"], Transport = transport }, credential)
    {
    }

    public ManualTimeProvider Clock { get; } = new();

    public EventReader Reader { get; }

    /// <summary>How long a reader waits that has lost a connection of <see cref="FakeExchange.OpenAsync"/>: a poll's names no time, so that jitter decides alone.</summary>
    public static TimeSpan Retry(Transport transport) => TimeSpan.FromSeconds(transport == Transport.LongPolling ? 0.5 : 1);

    /// <summary>The next item, which must be a <typeparamref name="T"/>.</summary>
    public async Task<T> NextAsync<T>()
        where T : StreamItem
    {
        Assert.True(await TakeAsync(), $"The stream ended where {typeof(T).Name} was expected.");
        return Assert.IsType<T>(_items.Current);
    }

    /// <summary>The next item, for which the reader first has to wait <paramref name="delay"/>.</summary>
    public async Task<T> NextAsync<T>(TimeSpan delay)
        where T : StreamItem
    {
        Begin();
        await Clock.WaitForTimerAsync(delay, TestContext.Current.CancellationToken);
        Clock.Advance(delay);
        return await NextAsync<T>();
    }

    /// <summary>Asserts that nothing follows.</summary>
    public async Task EndsAsync()
    {
        Assert.False(await TakeAsync(), $"{_items.Current} came where the end was expected.");
    }

    /// <summary>Asks for the next item, whoever takes it.</summary>
    public void Begin() => _next ??= _items.MoveNextAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await (_next ?? Task.CompletedTask);
        }
        catch (OperationCanceledException)
        {
            // A read that the test left behind.
        }

        await _items.DisposeAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task<bool> TakeAsync()
    {
        Begin();
        await Task.WhenAny(_next!).WaitAsync(Patience);
        var next = _next!;
        _next = null;
        return await next;
    }
}
