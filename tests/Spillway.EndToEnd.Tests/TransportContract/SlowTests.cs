using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Spillway.Delivery;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What a subscriber that does not read is told when it reads again, by each policy; and when it never does.</summary>
public sealed class SlowTests
{
    private const int Kept = 8; // What a rule lets wait.
    private const int Published = 80;
    private const int EventBytes = 8 * 1024; // All of them are several times what both systems, the server and a stream of HTTP/2 hold.
    private const int SocketBytes = 16 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Replay_MoreThanTheRuleKeeps_IsToldOnceAndLosesNothing(TransportCase @case)
    {
        await using var server = await StartAsync(@case, OverflowPolicy.Replay);
        await using var subscriber = await OpenAsync(server, @case);
        if (!@case.IsStream)
        {
            await IsNeverSlowAsync(server, subscriber);
            return;
        }

        await PublishAsync(server);
        var items = await ReadUntilAsync(subscriber, Published - 1);

        Assert.Equal(Enumerable.Range(0, Published), Numbers(items));
        Assert.Equal("slow", Assert.Single(items.OfType<SignalItem>()).Name);
        CheckSlow(items);
    }

    [Theory]
    [TransportCases]
    public async Task DropOldest_MoreThanTheRuleKeeps_IsToldAGapAndGetsTheNewest(TransportCase @case)
    {
        await using var server = await StartAsync(@case, OverflowPolicy.DropOldest);
        await using var subscriber = await OpenAsync(server, @case);
        if (!@case.IsStream)
        {
            await IsNeverSlowAsync(server, subscriber);
            return;
        }

        var ids = await PublishAsync(server);
        var items = await ReadUntilAsync(subscriber, Published - 1);

        CheckSlow(items);
        CheckGaps(subscriber.Opening!.Id, items, ids);
        Assert.Equal(Enumerable.Range(Published - Kept, Kept), Numbers(items).TakeLast(Kept));
    }

    [Theory]
    [TransportCases]
    public async Task DropNewest_MoreThanTheRuleKeeps_GetsTheOldestAndGoesOnFromThen(TransportCase @case)
    {
        await using var server = await StartAsync(@case, OverflowPolicy.DropNewest);
        await using var subscriber = await OpenAsync(server, @case);
        if (!@case.IsStream)
        {
            await IsNeverSlowAsync(server, subscriber);
            return;
        }

        var ids = await PublishAsync(server);
        var items = new List<StreamItem>();
        while (items is not [.., SignalItem { Name: "gap" } gap] || gap.Text("to") != ids[^1])
        {
            items.Add(await subscriber.NextAsync());
        }

        ids.Add((await server.Publisher.PublishAsync(Event(Published), Token)).Cursor);
        items.Add(await subscriber.NextAsync());

        CheckSlow(items);
        CheckGaps(subscriber.Opening!.Id, items, ids);
        var first = items.FindIndex(static item => item is SignalItem { Name: "gap" });
        Assert.Equal(Enumerable.Range(0, Numbers(items.Take(first)).Count), Numbers(items.Take(first))); // Nothing is missing before what it gave up.
        Assert.Equal(Published, Numbers(items)[^1]);
    }

    [Theory]
    [TransportCases]
    public async Task Latest_ByRuleOrByWish_GetsTheNewestOfEveryKeyAndNoGap(TransportCase @case)
    {
        const int Keys = 3;
        foreach (var isWish in (bool[])[false, true])
        {
            await using var server = await StartAsync(@case, isWish ? OverflowPolicy.Replay : OverflowPolicy.Latest);
            await using var subscriber = await OpenAsync(server, @case, isWish ? "&latest" : "");
            if (!@case.IsStream)
            {
                await IsNeverSlowAsync(server, subscriber);
                continue;
            }

            await PublishAsync(server, Keys);
            var items = await ReadUntilAsync(subscriber, Published - 1);

            CheckSlow(items, isOnce: false); // The newest of few keys may fit, and then it catches up before all have come.
            Assert.DoesNotContain(items, static item => item is SignalItem { Name: "gap" });
            var numbers = Numbers(items);
            Assert.Equal(Enumerable.Range(Published - Keys, Keys), numbers.TakeLast(Keys));
            await HubServer.WaitAsync(() => server.Hub.Loops.Sum(static loop => loop.Counters.Superseded) == Published - numbers.Count); // Counted behind the send.
            Assert.InRange(numbers.Count, Keys, Published - 1);
        }
    }

    [Theory]
    [TransportCases]
    public async Task Disconnect_MoreThanTheRuleKeeps_EndsProperlyAndResumesWithoutLoss(TransportCase @case)
    {
        await using var server = await StartAsync(@case, OverflowPolicy.Disconnect);
        await using var subscriber = await OpenAsync(server, @case);
        if (!@case.IsStream)
        {
            await IsNeverSlowAsync(server, subscriber);
            return;
        }

        await PublishAsync(server);
        var items = (await subscriber.ReadToEndAsync()).ToList();

        var drain = Assert.IsType<SignalItem>(items[^1]);
        Assert.Equal(("drain", "overflow", subscriber.Retry), (drain.Name, drain.Text("reason"), drain.Number("retry")));
        Assert.Equal(@case.CloseCode("overflow"), subscriber.CloseFrame?.Code);
        CheckSlow(items);
        var seen = Numbers(items);
        for (var position = subscriber.Position; seen[^1] < Published - 1;) // It may be too slow for the rest, too, and comes some events further each time.
        {
            await using var back = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic=a&cursor={position}");
            seen.Add(Number(await back.NextEventAsync()));
            while (seen[^1] < Published - 1 && await back.TryNextAsync() is { } item)
            {
                seen.AddRange(Numbers([item]));
            }

            position = back.Position;
        }

        Assert.Equal(Enumerable.Range(0, Published), seen);
    }

    [Theory]
    [TransportCases]
    public async Task WriteStall_Passed_CutsAndNeverEndsProperly(TransportCase @case)
    {
        var clock = new ForwardClock();
        await using var server = await StartAsync(@case, OverflowPolicy.Replay, clock, @case.IsStream ? null : TimeSpan.FromSeconds(1)); // Of an answer it is a timer, which no clock puts forward.
        if (!@case.IsStream)
        {
            await IsCutUnreadAsync(server, @case);
            return;
        }

        await using var subscriber = await OpenAsync(server, @case);
        await PublishAsync(server);
        await HubServer.WaitAsync(() =>
        {
            clock.Forward(TimeSpan.FromSeconds(31)); // Again, as long as its system still takes some.
            return server.Hub.Loops.Sum(static loop => loop.Counters.Closed[(int)CloseReason.WriteTimeout]) == 1;
        });

        await Assert.ThrowsAnyAsync<IOException>(subscriber.ReadToEndAsync);
    }

    /// <summary>Who asks for the next answer after the one before asks for no more than it takes: it gets everything, whatever the rule says of slow connections.</summary>
    private static async Task IsNeverSlowAsync(HubServer server, TransportSubscriber subscriber)
    {
        await PublishAsync(server);

        var items = await ReadUntilAsync(subscriber, Published - 1);

        Assert.All(items, static item => Assert.IsType<EventItem>(item));
        Assert.Equal(Enumerable.Range(0, Published), Numbers(items));
    }

    /// <summary>An answer that is not taken is cut like a stream.</summary>
    private static async Task IsCutUnreadAsync(HubServer server, TransportCase @case)
    {
        await PublishAsync(server);
        using var client = new HttpClient(server.Endpoint.CreateHandler(small: true));
        using var request = ContractRequest.Create(server.Endpoint.For(@case), @case, "/events?topic=a&earliest");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

        await server.WaitForConnectionsAsync(0);

        var body = await response.Content.ReadAsStreamAsync(Token);
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Token));
    }

    private static Task<HubServer> StartAsync(TransportCase @case, OverflowPolicy policy, ForwardClock? clock = null, TimeSpan? writeStall = null) => ContractHub.StartAsync(
        @case,
        options =>
        {
            options.Rules.Add(new TopicRule { Overflow = policy, BacklogEvents = Kept, BacklogBytes = 64 * 1024 * 1024 });
            (options.Transports.UnwrittenBytes, options.Transports.UnacknowledgedBytes) = (SocketBytes, SocketBytes);
            options.Sse.WriteStall = writeStall ?? options.Sse.WriteStall;
        },
        builder =>
        {
            clock?.AddTo(builder.Services);
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxResponseBufferSize = SocketBytes);
            if (!@case.OwnSockets)
            {
                builder.WebHost.UseSockets(Tighten);
            }
        });

    /// <summary>Lets the system hold little of what a subscriber has not read.</summary>
    private static void Tighten(SocketTransportOptions options)
    {
        options.MaxWriteBufferSize = SocketBytes;
        options.CreateBoundListenSocket = static endpoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.SendBufferSize = SocketBytes;
            return socket;
        };
    }

    private static async Task<TransportSubscriber> OpenAsync(HubServer server, TransportCase @case, string parameters = "")
    {
        var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a" + parameters, small: true);
        await server.WaitForConnectionsAsync(@case.IsStream ? 1 : 0);
        return subscriber;
    }

    /// <summary>Publishes all events at once while nobody reads; returns their cursors.</summary>
    private static async Task<List<string>> PublishAsync(HubServer server, int keys = 1)
    {
        await server.Publisher.PublishAsync([.. Enumerable.Range(0, Published).Select(i => Event(i, keys))], Token);
        var ids = new List<string>();
        await foreach (var read in server.Reader.ReadAsync(new ReadOptions { Topics = ["a"] }, Token))
        {
            ids.Add(read.Cursor);
        }

        return ids;
    }

    private static PushEvent Event(int number, int keys = 1) =>
        new() { Topic = "a", Key = $"{number % keys}", Payload = Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture).PadRight(EventBytes, '.')) };

    private static async Task<List<StreamItem>> ReadUntilAsync(TransportSubscriber subscriber, int last)
    {
        var items = new List<StreamItem>();
        while (items is not [.., EventItem item] || Number(item) != last)
        {
            items.Add(await subscriber.NextAsync());
        }

        return items;
    }

    private static List<int> Numbers(IEnumerable<StreamItem> items) => [.. items.OfType<EventItem>().Select(Number)];

    private static int Number(EventItem item) => int.Parse(item.Text.AsSpan().TrimEnd('.'), CultureInfo.InvariantCulture);

    /// <summary>It is told once that it is slow, behind what it has and before anything is given up; or each time that it leaves the window again.</summary>
    private static void CheckSlow(List<StreamItem> items, bool isOnce = true)
    {
        var slow = Assert.IsType<SignalItem>(items.First(static item => item is SignalItem));
        Assert.Equal("slow", slow.Name);
        Assert.True(!isOnce || items.Count(static item => item is SignalItem { Name: "slow" }) == 1);
        Assert.InRange(slow.Number("backlog") ?? 0, Kept + 1, Published);
        Assert.Equal(Enumerable.Range(0, items.IndexOf(slow)), Numbers(items.TakeWhile(item => item != slow)));
    }

    /// <summary>Every hole is told right before the event behind it: from the last one before, to the last one missing, with its exact count; and nothing else is.</summary>
    private static void CheckGaps(string opening, List<StreamItem> items, List<string> ids)
    {
        var (next, at, position) = (0, opening, 0);
        foreach (var item in items)
        {
            if (item is SignalItem { Name: "gap" } gap)
            {
                position = ids.IndexOf(gap.Text("to")!) + 1;
                Assert.Equal(("overflow", at, at, (long)(position - next)), (gap.Text("reason"), gap.Text("from"), gap.Id, gap.Number("count")));
                next = position;
            }
            else if (item is EventItem)
            {
                Assert.Equal((ids[next], next), (item.Id, Number((EventItem)item)));
                (next, at) = (next + 1, item.Id);
            }
        }

        Assert.InRange(position, 1, ids.Count);
    }
}
