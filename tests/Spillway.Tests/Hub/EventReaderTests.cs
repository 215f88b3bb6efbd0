using System.Globalization;
using System.Text;
using Spillway.Events;
using Spillway.History;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Tests.History;

namespace Spillway.Tests.Hub;

public sealed class EventReaderTests : IAsyncLifetime
{
    private HubHarness _hub = null!;
    private EventReader _reader = null!;

    private static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Open(HistoryRig.Unlimited);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [InlineData("a", "", "1 4")]
    [InlineData("a b", "", "1 2 4")]
    [InlineData("", "*", "1 2 4 5")]
    [InlineData("b", "c/**", "2 3 5")]
    [InlineData("", "**", "1 2 3 4 5")]
    [InlineData("z", "z/*", "")]
    public async Task ReadAsync_TopicsAndPatterns_ReadsWhatTheySelectInOrder(string topics, string patterns, string expected)
    {
        PublishFive();

        var read = await ReadAllAsync(new ReadOptions { Topics = Divide(topics), Patterns = Divide(patterns) });

        Assert.Equal(expected, Texts(read));
    }

    [Fact]
    public async Task ReadAsync_EachStart_BeginsThere()
    {
        PublishFive();
        var third = (await ReadAllAsync(All(ReadStart.Earliest)))[2];

        Assert.Equal("4 5", Texts(await ReadAllAsync(All(ReadStart.After(third.Cursor)))));
        Assert.Equal("3 4 5", Texts(await ReadAllAsync(All(ReadStart.Since(third.Time)))));
        Assert.Equal("4 5", Texts(await ReadAllAsync(All(ReadStart.Last(2)))));
        Assert.Equal("1 2 3 4 5", Texts(await ReadAllAsync(All(ReadStart.Last(6)))));
        Assert.Equal("", Texts(await ReadAllAsync(All(ReadStart.Now))));
    }

    [Fact]
    public async Task ReadAsync_AnEventWithEveryField_ReadsEveryField()
    {
        var published = new PushEvent
        {
            Topic = "a/ü",
            Alternates = ["b", "c/d"],
            Type = "alert",
            Payload = "p\0"u8.ToArray(),
            ContentType = "text/plain",
            Key = "k",
            Priority = EventPriority.Critical,
            Ttl = TimeSpan.FromSeconds(90),
            Private = true,
            Final = true,
            Id = "id-1",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        _hub.Publish(published);

        var read = Assert.Single(await ReadAllAsync(new ReadOptions { Topics = ["c/d"] }));

        Assert.Equal(new Position(_hub.History.Epoch, 1).ToString(), read.Cursor);
        Assert.Equal(_hub.Clock.GetUtcNow().ToUnixTimeMilliseconds(), read.Time.ToUnixTimeMilliseconds());
        Assert.Equivalent(published, read.Event, strict: true);
    }

    [Fact]
    public async Task ReadAsync_AnEmptyEvent_HasNothingButItsTopic()
    {
        _hub.Publish(new PushEvent { Topic = "a" });

        var read = Assert.Single(await ReadAllAsync(new ReadOptions { Topics = ["a"] }));

        Assert.Equivalent(new PushEvent { Topic = "a", Priority = EventPriority.Normal }, read.Event, strict: true);
    }

    [Fact]
    public async Task ReadAsync_MoreThanAPage_ReadsAllOfIt()
    {
        var payload = new string('x', 30_000);
        for (var i = 0; i < 7; i++)
        {
            _hub.Publish("a", payload + i.ToString(CultureInfo.InvariantCulture));
        }

        var read = await ReadAllAsync(new ReadOptions { Topics = ["a"] });

        Assert.Equal(Enumerable.Range(0, 7), read.Select(static item => Text(item)[^1] - '0'));
    }

    [Theory]
    [InlineData("**", 2, "gap 4 5")]
    [InlineData("*", 1, "gap 4 5")]
    [InlineData("b", 1, "gap")]
    [InlineData("c", 0, "5")]
    public async Task ReadAsync_EventsNoLongerKept_TellsAGapWithTheirCountFirst(string pattern, long count, string expected)
    {
        await _hub.DisposeAsync();
        Open(HistoryRig.Unlimited with { MaxEvents = 2, SegmentEvents = 1 });
        PublishFive();

        var read = await ReadAllAsync(new ReadOptions { Patterns = [pattern], Start = ReadStart.After(At(1)) });

        Assert.Equal(expected, Texts(read));
        Assert.All(
            read.Where(static item => item.Gap is not null),
            item => Assert.Equal((At(3), new ReadGap(At(1), At(3), ReadGapReason.Retention, count)), (item.Cursor, item.Gap)));
    }

    [Fact]
    public async Task ReadAsync_CursorOfAnotherHistory_TellsItAndReadsFromTheOldest()
    {
        PublishFive();
        var foreign = new Position(_hub.History.Epoch + 1, 4).ToString();

        var read = await ReadAllAsync(All(ReadStart.After(foreign)));

        Assert.Equal(new ReadGap(foreign, At(0), ReadGapReason.Lost, null), read[0].Gap);
        Assert.Equal("1 2 3 4 5", Texts(read[1..]));
    }

    [Fact]
    public async Task ReadAsync_EventsWhoseTtlHasPassed_AreOneGapWithTheirCount()
    {
        _hub.Publish("a", "1");
        _hub.Publish(new PushEvent { Topic = "a", Ttl = TimeSpan.FromSeconds(1) });
        _hub.Publish(new PushEvent { Topic = "a", Ttl = TimeSpan.FromSeconds(2) });
        _hub.Publish("a", "4");
        _hub.Publish(new PushEvent { Topic = "a", Ttl = TimeSpan.FromSeconds(1) });
        _hub.Clock.Advance(TimeSpan.FromSeconds(3));

        var read = await ReadAllAsync(new ReadOptions { Topics = ["a"] });

        Assert.Equal("1 gap 4 gap", Texts(read));
        Assert.Equal(new ReadGap(At(1), At(3), ReadGapReason.Expired, 2), read[1].Gap);
        Assert.Equal(new ReadGap(At(4), At(5), ReadGapReason.Expired, 1), read[3].Gap);
    }

    [Theory]
    [InlineData("a*b/\u0000", "", "U+0000")]
    [InlineData("a/*", "", "wildcard")]
    [InlineData("a", "**/b", "only be the last")]
    [InlineData("", "", "name at least one")]
    public void ReadAsync_BadSelection_SaysWhatIsWrongAtOnce(string topics, string patterns, string expected)
    {
        var exception = Assert.Throws<ArgumentException>(() => { _ = _reader.ReadAsync(new ReadOptions { Topics = Divide(topics), Patterns = Divide(patterns) }, Aborted); });

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2abc-1")]
    [InlineData("yesterday")]
    public void After_NoCursor_SaysSo(string cursor)
    {
        var exception = Assert.Throws<ArgumentException>(() => ReadStart.After(cursor));

        Assert.Contains($"\"{cursor}\" is not a cursor", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_FollowingFromNow_ReadsWhatIsPublishedAndNothingEphemeral()
    {
        _hub.Publish("a", "old");
        await using var items = Follow(ReadStart.Now, "**");
        var next = items.MoveNextAsync();
        Assert.False(next.IsCompleted);

        _hub.Publish("typing/x", "ephemeral");
        _hub.Publish("a", "new");

        Assert.True(await next);
        Assert.Equal("new", Text(items.Current));
    }

    [Fact]
    public async Task ReadAsync_FollowingACursorAheadOfTheHead_WaitsUntilTheHeadHasPassedIt()
    {
        await using var items = Follow(ReadStart.After(At(2)), "**");
        var next = items.MoveNextAsync();

        PublishFive();

        Assert.True(await next);
        Assert.Equal("3", Text(items.Current));
    }

    [Fact]
    public async Task ReadAsync_Cancelled_ThrowsWhileItWaits()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
        var read = _reader.ReadAsync(new ReadOptions { Topics = ["a"], Follow = true }, cancel.Token);
        await using var items = read.GetAsyncEnumerator(Aborted);
        var next = items.MoveNextAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public async Task ReadAsync_FollowingWhenTheHubStops_ReadsTheRestAndEnds()
    {
        PublishFive();
        await using var items = Follow(ReadStart.After(At(4)), "**");
        Assert.True(await items.MoveNextAsync());
        var next = items.MoveNextAsync();
        Assert.False(next.IsCompleted);

        await _hub.Hub.StopAsync(Aborted);

        Assert.False(await next);
    }

    [Fact]
    public async Task ReadAsync_FollowingTopicsThatEnd_EndsBehindTheLastEnd()
    {
        var read = ReadAllAsync(new ReadOptions { Topics = ["a", "b"], Follow = true });
        _hub.Publish(new PushEvent { Topic = "a", Payload = "1"u8.ToArray(), Final = true });
        _hub.Publish("b", "2");
        Assert.False(read.IsCompleted);

        _hub.Publish(new PushEvent { Topic = "b", Payload = "3"u8.ToArray(), Final = true });

        Assert.Equal("1 2 3", Texts(await read));
        Assert.Equal("3", Texts(await ReadAllAsync(new ReadOptions { Topics = ["a", "b"], Start = ReadStart.After(At(2)), Follow = true })));
    }

    private void Open(HistoryLimits limits)
    {
        var options = new SpillwayOptions { Rules = { new TopicRule { Pattern = "typing/**", History = false } } };
        options.Delivery.Loops = 1;
        _hub = new HubHarness(options, limits: limits);
        _reader = new EventReader(_hub.History, _hub.Hub.Published, _hub.Clock);
    }

    private static string[] Divide(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ReadOptions All(ReadStart start) => new() { Patterns = ["**"], Start = start };

    private static string Text(ReadEvent item) => item.Event is null ? "gap" : Encoding.UTF8.GetString(item.Event.Payload.Span);

    private static string Texts(IEnumerable<ReadEvent> items) => string.Join(' ', items.Select(Text));

    private IAsyncEnumerator<ReadEvent> Follow(ReadStart start, string pattern) =>
        _reader.ReadAsync(new ReadOptions { Patterns = [pattern], Start = start, Follow = true }, Aborted).GetAsyncEnumerator(Aborted);

    private async Task<List<ReadEvent>> ReadAllAsync(ReadOptions options)
    {
        var items = new List<ReadEvent>();
        await foreach (var item in _reader.ReadAsync(options, Aborted))
        {
            items.Add(item);
        }

        return items;
    }

    private string At(long offset) => new Position(_hub.History.Epoch, offset).ToString();

    private void PublishFive()
    {
        string[] topics = ["a", "b", "c/d", "a", "c"];
        for (var i = 0; i < topics.Length; i++)
        {
            _hub.Clock.Advance(TimeSpan.FromSeconds(1));
            _hub.Publish(topics[i], (i + 1).ToString(CultureInfo.InvariantCulture));
        }
    }
}
