using System.Net;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>A subscriber over one transport. Whatever carries the stream, it gives the same items, in the same order.</summary>
internal abstract class TransportSubscriber(TransportCase @case) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    /// <summary>The first signal; null where signals are off or nothing follows, and of a poll, which tells its position alone.</summary>
    public SignalItem? Opening { get; private set; }

    /// <summary>Where it would resume.</summary>
    public string Position { get; protected set; } = "";

    /// <summary>How many events it has got.</summary>
    public int Events { get; private set; }

    /// <summary>The delay before it would come back, in milliseconds; null as long as it was not told.</summary>
    public long? Retry { get; protected set; }

    public HttpStatusCode Status { get; protected set; }

    /// <summary>The code and the text of the close frame that ended the stream.</summary>
    public (int Code, string Text)? CloseFrame { get; protected set; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected TransportCase Case => @case;

    /// <summary>Asks for a stream and reads its opening signal, where it has one.</summary>
    /// <param name="hub">Where.</param>
    /// <param name="case">How.</param>
    /// <param name="query">The query of docs/protocol.md, section 3, but for what is the transport's own.</param>
    /// <param name="lastEventId">A header that says where it was.</param>
    /// <param name="small">Whether the subscriber's system takes little that the subscriber has not read.</param>
    /// <param name="credential">What it presents.</param>
    public static async Task<TransportSubscriber> OpenAsync(
        HubAddress hub, TransportCase @case, string query, string? lastEventId = null, bool small = false, string? credential = null)
    {
        HttpMessageHandler handler = hub.CreateHandler(small);
        handler = credential is null ? handler : new BearerHandler(credential, handler);
        TransportSubscriber subscriber = @case.IsWebSocket ? new WebSocketSubscriber(@case, handler)
            : @case.IsStream ? new SseSubscriber(@case, handler)
            : new PollingSubscriber(@case, handler);
        var path = $"/events?{query}{@case.Parameters}";
        await subscriber.ConnectAsync(hub.For(@case), path, lastEventId).WaitAsync(Patience, Token);
        if (@case.IsStream && subscriber.Status != HttpStatusCode.NoContent && !query.Contains("signals=off", StringComparison.Ordinal))
        {
            subscriber.Opening = await subscriber.NextSignalAsync("open");
        }

        return subscriber;
    }

    /// <summary>The next item; fails where the stream ends instead.</summary>
    public async Task<StreamItem> NextAsync() => await TryNextAsync() ?? throw new EndOfStreamException("The stream ended where an item was expected.");

    /// <summary>The next item; null at a proper end. What is cut throws an <see cref="IOException"/>.</summary>
    public async Task<StreamItem?> TryNextAsync()
    {
        var item = await ReadAsync().WaitAsync(Patience, Token);
        Position = item?.Id ?? Position;
        Events += item is EventItem ? 1 : 0;
        return item;
    }

    /// <summary>The next item, which must be an event.</summary>
    public async Task<EventItem> NextEventAsync()
    {
        var item = await NextAsync();
        return item as EventItem ?? throw new InvalidOperationException($"An event was expected: {item}");
    }

    /// <summary>The next item, which must be a signal of a name.</summary>
    public async Task<SignalItem> NextSignalAsync(string name)
    {
        var item = await NextAsync();
        return item is SignalItem signal && signal.Name == name ? signal : throw new InvalidOperationException($"The signal {name} was expected: {item}");
    }

    /// <summary>Begins to read, has an event published while the hub knows that somebody listens, and returns it: what is kept nowhere reaches nobody else.</summary>
    public async Task<EventItem> HearAsync(HubServer server, Func<Task> publish)
    {
        if (!@case.IsStream)
        {
            await server.WaitForConnectionsAsync(0); // The poll before may still be counted.
        }

        var next = NextEventAsync();
        await server.WaitForConnectionsAsync(1);
        await publish();
        return await next;
    }

    /// <summary>The payloads of the next items, which must be events.</summary>
    public async Task<IReadOnlyList<string>> NextTextsAsync(int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            texts.Add((await NextEventAsync()).Text);
        }

        return texts;
    }

    /// <summary>Everything up to a proper end.</summary>
    public async Task<IReadOnlyList<StreamItem>> ReadToEndAsync()
    {
        var items = new List<StreamItem>();
        while (await TryNextAsync() is { } item)
        {
            items.Add(item);
        }

        return items;
    }

    /// <summary>Fails unless the next is a proper end with the code that the protocol has for its reason.</summary>
    public async Task EndsAsync(string reason)
    {
        Assert.Null(await TryNextAsync());
        Assert.Equal(@case.CloseCode(reason), CloseFrame?.Code);
        if (CloseFrame is { } frame && reason != "topics-ended")
        {
            Assert.EndsWith($"retry={Retry}", frame.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>Ends the connection without a word.</summary>
    public abstract void Cut();

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }

    protected abstract Task ConnectAsync(Uri hub, string path, string? lastEventId);

    protected abstract Task<StreamItem?> ReadAsync();

    /// <summary>An object of JSON that is an event, a signal, or an answer to a command.</summary>
    protected StreamItem FromJson(JsonElement json) => json.TryGetProperty("reply", out _) ? new SignalItem("reply", Position, json)
        : json.TryGetProperty("signal", out var name) ? new SignalItem(name.GetString()!, json.TryGetProperty("id", out var id) ? id.GetString()! : Position, json)
        : EventItem.FromJson(json, json.GetProperty("id").GetString()!);
}
