using System.Text;
using Spillway.Client;

namespace Spillway.Tests.Client;

public sealed class SubscribeTests
{
    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_StreamWithEventsAndSignals_HandsThemOutInOrder(Transport transport)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a", keepAlive: 15);
            await exchange.EventAsync("1-b", "first");
            await exchange.SignalAsync("cursor", "1-c");
            await exchange.SignalAsync("gap", "1-c", "\"from\":\"1-c\",\"to\":\"1-f\",\"reason\":\"overflow\",\"count\":3,\"exact\":true");
            await exchange.SignalAsync("slow", "", "\"backlog\":257");
            await exchange.SignalAsync("of-a-later-version", "", "\"any\":[{}]");
            await exchange.EventAsync("1-g", "second");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, transport);

        var connected = await subscriber.NextAsync<ConnectedNotice>();
        var first = await subscriber.NextAsync<ReceivedEvent>();
        var gap = await subscriber.NextAsync<GapNotice>();
        var slow = await subscriber.NextAsync<SlowNotice>();
        var second = await subscriber.NextAsync<ReceivedEvent>();

        var (name, keepAlive) = transport == Transport.LongPolling ? ("", 25) : ("c-1-a", 15);
        Assert.Equal(("1-a", name, TimeSpan.FromSeconds(keepAlive), 0L), (connected.Cursor, connected.ConnectionId, connected.KeepAlive, connected.Reconnects));
        Assert.Equal(("1-b", "a", "first", "text/plain"), (first.Cursor, first.Topic, first.Text, first.ContentType));
        Assert.Equal(DateTimeOffset.Parse("2026-01-31T08:00:00.123Z", null), first.Time);
        Assert.Equal(("1-c", "1-c", "1-f", GapReason.Overflow, 3L, true), (gap.Cursor, gap.From, gap.To, gap.Reason, gap.Count, gap.Exact));
        Assert.Equal(257, slow.Backlog);
        Assert.Equal(("1-g", "second"), (second.Cursor, second.Text));
        Assert.Equal((ReaderState.Open, "1-g", 0L, 1L), (subscriber.Reader.State, subscriber.Reader.Cursor, subscriber.Reader.Reconnects, subscriber.Reader.Gaps));
        Assert.Matches(@"^dotnet/\d+\.\d+\.\d+$", hub.Requests[0].Headers["Spillway-Client"]);
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_ConnectionCutInsideAnEvent_ResumesBehindTheLastWholeOne(Transport transport)
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b", "whole");
                await exchange.BeginEventAsync("1-c");
            },
            async exchange =>
            {
                await exchange.OpenAsync("1-b");
                await exchange.EventAsync("1-c", "again, whole");
                await exchange.UntilClosedAsync();
            });
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = ["a"], Start = StartingPoint.Last(5), Transport = transport });

        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        var waiting = subscriber.Reader.State;
        var connected = await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
        var next = await subscriber.NextAsync<ReceivedEvent>();

        Assert.Equal(transport == Transport.Sse ? DisconnectReason.StreamEnded : DisconnectReason.Network, lost.Reason);
        Assert.Equal((Subscriber.Retry(transport), 0, "1-b"), (lost.Delay, lost.Failures, lost.Cursor));
        Assert.Equal(ReaderState.Waiting, waiting);
        Assert.Equal((1L, "1-b"), (connected.Reconnects, hub.Requests[1].Headers["Last-Event-ID"]));
        Assert.DoesNotContain("last=5", hub.Requests[1].Target, StringComparison.Ordinal);
        Assert.Equal("again, whole", next.Text);
    }

    [Theory]
    [MemberData(nameof(Transports.Streams), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_ConnectionReset_IsTheNetworksFault(Transport transport)
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a", retry: 2_500);
                await exchange.EventAsync("1-b");
                exchange.Reset();
            },
            exchange => exchange.OpenAsync("1-b"));
        await using var subscriber = new Subscriber(hub, transport);

        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((DisconnectReason.Network, TimeSpan.FromSeconds(2.5)), (lost.Reason, lost.Delay));
        Assert.NotEmpty(lost.Detail);
        await subscriber.NextAsync<ConnectedNotice>(TimeSpan.FromSeconds(2.5));
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_EventsThatComeAgain_AreNotHandedOutTwice(Transport transport)
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b", "b");
                await exchange.EventAsync("1-b.1", "ephemeral, before the restart");
                await exchange.EventAsync("1-c", "c");
            },
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b", "b");
                await exchange.EventAsync("1-b.1", "ephemeral, after the restart");
                await exchange.EventAsync("1-c", "c");
                await exchange.EventAsync("1-d", "d");
                await exchange.UntilClosedAsync();
            });
        await using var subscriber = new Subscriber(hub, transport);

        await subscriber.NextAsync<ConnectedNotice>();
        var texts = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            texts.Add((await subscriber.NextAsync<ReceivedEvent>()).Text);
        }

        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
        texts.Add((await subscriber.NextAsync<ReceivedEvent>()).Text);
        texts.Add((await subscriber.NextAsync<ReceivedEvent>()).Text);

        Assert.Equal(["b", "ephemeral, before the restart", "c", "ephemeral, after the restart", "d"], texts);
        Assert.Equal(2, subscriber.Reader.Duplicates);
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_GapToldAgainAfterAReconnect_IsHandedOutOnce(Transport transport)
    {
        const string Gap = "\"from\":\"1-a\",\"to\":\"1-f\",\"reason\":\"retention\",\"exact\":false";
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.SignalAsync("gap", "1-a", Gap);
            },
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.SignalAsync("gap", "1-a", Gap);
                await exchange.EventAsync("1-g");
                await exchange.UntilClosedAsync();
            });
        await using var subscriber = new Subscriber(hub, transport);

        await subscriber.NextAsync<ConnectedNotice>();
        var gap = await subscriber.NextAsync<GapNotice>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
        await subscriber.NextAsync<ReceivedEvent>();

        Assert.Equal((GapReason.Retention, (long?)null, false), (gap.Reason, gap.Count, gap.Exact));
        Assert.Equal(1, subscriber.Reader.Gaps);
    }

    /// <summary>What nobody reads stays in the network: the hub notices, and decides what a slow subscriber gets.</summary>
    [Theory]
    [MemberData(nameof(Transports.Streams), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_ReaderThatDoesNotRead_FillsTheConnectionAndNotTheMemory(Transport transport)
    {
        const int Most = 1_000; // 64 MB: more than two sockets hold.
        var stuck = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            for (var sent = 0; sent < Most && !stuck.Task.IsCompleted; sent++)
            {
                var sending = exchange.EventAsync($"1-{sent}", new string('x', 64_000));
                await Task.WhenAny(sending.WaitAsync(TimeSpan.FromSeconds(0.5), exchange.Stopped));
                if (!sending.IsCompleted)
                {
                    stuck.SetResult(sent + 1); // Everything between the two is full.
                }

                await sending;
            }

            stuck.TrySetResult(Most);
            await exchange.EventAsync("1-z", "last");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, transport);
        await subscriber.NextAsync<ConnectedNotice>();

        var count = await stuck.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal($"1-{i}", (await subscriber.NextAsync<ReceivedEvent>()).Cursor);
        }

        Assert.InRange(count, 1, Most - 1);
        Assert.Equal("last", (await subscriber.NextAsync<ReceivedEvent>()).Text);
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_EventLongerThanTheLimit_IsToldAsAGap(Transport transport)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.EventAsync("1-b", new string('x', 5_000));
            await exchange.EventAsync("1-c", "small");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = ["a"], MaxEventBytes = 1_024, Transport = transport });

        await subscriber.NextAsync<ConnectedNotice>();
        var gap = await subscriber.NextAsync<GapNotice>();
        var next = await subscriber.NextAsync<ReceivedEvent>();

        Assert.Equal((GapReason.Oversized, "1-a", "1-b", "1-b", 1L, true), (gap.Reason, gap.From, gap.To, gap.Cursor, gap.Count, gap.Exact));
        Assert.Equal("small", next.Text);
    }

    [Fact]
    public async Task SubscribeAsync_PayloadsOfEveryForm_AreTheBytesThatWerePublished()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync("id: 1-b\ndata: {\"topic\":\"a\",\"type\":\"t\",\"key\":\"k\",\"contentType\":\"application/json\",\"payload\":{\"x\": [1, 2]},\"traceparent\":\"00-1-2-01\"}\n\n");
            await exchange.SendAsync("id: 1-c\ndata: {\"topic\":\"a\",\"contentType\":\"application/vnd.x+json; v=1\",\"payload\":\"quoted\"}\n\n");
            await exchange.SendAsync("id: 1-d\ndata: {\"topic\":\"a\",\"payload\":\"line\\nline\"}\n\n");
            await exchange.SendAsync("id: 1-e\ndata: {\"topic\":\"a\",\"payloadBase64\":\"AP8=\",\"unknown\":1}\n\n");
            await exchange.SendAsync("id: 1-f\ndata: {\"topic\":\"a\"}\n\n");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub);

        await subscriber.NextAsync<ConnectedNotice>();
        var first = await subscriber.NextAsync<ReceivedEvent>();
        var payloads = new List<string> { first.Text };
        for (var i = 0; i < 4; i++)
        {
            payloads.Add(Encoding.Latin1.GetString((await subscriber.NextAsync<ReceivedEvent>()).Payload.Span));
        }

        Assert.Equal(("t", "k", "00-1-2-01"), (first.Type, first.Key, first.TraceParent));
        Assert.Equal(["{\"x\": [1, 2]}", "\"quoted\"", "line\nline", "\0ÿ", ""], payloads);
    }
}
