using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;
using Spillway.Mercure;
using Spillway.Mercure.Active;
using Spillway.TestKit;

namespace Spillway.Tests.Mercure.Active;

public sealed class SubscriptionAnnouncerTests : IAsyncDisposable
{
    private readonly SubscriptionBook _book = new(mostChanges: 1_000);
    private readonly KeepingBackplane _backplane = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly SubscriptionAnnouncer _announcer;

    public SubscriptionAnnouncerTests()
    {
        var options = new SpillwayOptions();
        (options.Mercure.Enabled, options.Mercure.Subscriptions, options.Mercure.SubscriptionEventsPerSecond) = (true, true, 20);
        (options.Mercure.Path, options.Mercure.Url) = ("/inner", "https://hub.example/outer"); // A proxy between makes one the other.
        options.Limits.BatchEvents = 3;
        _announcer = new SubscriptionAnnouncer(_book, _backplane, new RuleBook(options.Rules), Options.Create(options), new MercureMetrics(_metrics), _clock, _logs.For<SubscriptionAnnouncer>());
    }

    public async ValueTask DisposeAsync()
    {
        _announcer.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
        await _backplane.DisposeAsync();
    }

    [Fact]
    public async Task TellAsync_CameAndWent_TellsNothing()
    {
        var (stays, goes) = (SubscriptionBookTests.Make(_book, "stays"), SubscriptionBookTests.Make(_book, "goes"));
        stays.Begun();
        goes.Begun();
        goes.Ended();

        await _announcer.TellAsync();
        await _announcer.TellAsync();

        Assert.Equal([$"/outer/subscriptions/exact/stays/{Uri.EscapeDataString(stays.Id)}"], _backplane.Topics);
    }

    [Fact]
    public async Task TellAsync_AStorm_IsToldSoManyATurn()
    {
        var all = Enumerable.Range(0, 100).Select(i => SubscriptionBookTests.Make(_book, $"t{i}")).ToList();
        all.ForEach(static one => one.Begun());

        await _announcer.TellAsync();
        Assert.Equal(2, _backplane.Topics.Count); // A tenth of a second's.
        all.ForEach(static one => one.Ended());
        for (var turn = 0; turn < 30; turn++)
        {
            await _announcer.TellAsync();
        }

        Assert.Equal(4, _backplane.Topics.Count); // The ends of those two; of the others there is nothing to tell.
        Assert.Equal(4, _announcer.Published);
    }

    [Fact]
    public async Task TellAsync_LongIdle_SavesNoMoreThanASecond()
    {
        for (var turn = 0; turn < 1_000; turn++)
        {
            await _announcer.TellAsync();
        }

        Enumerable.Range(0, 100).ToList().ForEach(i => SubscriptionBookTests.Make(_book, $"t{i}").Begun());
        await _announcer.TellAsync();

        Assert.Equal(20, _backplane.Topics.Count);
    }

    /// <summary>While the backplane does not answer, changes are still taken over, so that there are no more of them than may wait; and a stop waits for nothing.</summary>
    [Fact]
    public async Task Run_PublishHangs_ChangesAreBoundedAndItStops()
    {
        var hanging = _backplane.Hang();
        await _announcer.StartAsync(TestContext.Current.CancellationToken);
        SubscriptionBookTests.Make(_book, "first").Begun();
        await TickUntilAsync(() => hanging.IsCompleted);
        for (var i = 0; i < 1_200; i++)
        {
            SubscriptionBookTests.Make(_book, $"t{i}").Begun();
        }

        await TickUntilAsync(() => _book.Dropped == 200);

        await _announcer.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private async Task TickUntilAsync(Func<bool> condition)
    {
        for (var deadline = Environment.TickCount64 + 20_000; !condition() && Environment.TickCount64 < deadline;)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }

        Assert.True(condition());
    }

    [Fact]
    public async Task TellAsync_NameTooLongOnceEscaped_LeavesItOut()
    {
        SubscriptionBookTests.Make(_book, new string('/', 500)).Begun();
        SubscriptionBookTests.Make(_book, "short").Begun();

        await _announcer.TellAsync();

        Assert.Single(_backplane.Topics);
        Assert.Equal((1L, 1L), (_announcer.Published, _announcer.Dropped));
    }

    [Fact]
    public async Task TellAsync_OneHasMoreThanABatchTakes_TellsAllOfIt()
    {
        SubscriptionBookTests.Make(_book, "a", "b", "c", "d", "e", "f", "g").Begun();

        await _announcer.TellAsync();

        Assert.Equal((7, 7L, 0L), (_backplane.Topics.Count, _announcer.Published, _announcer.Dropped));
        Assert.Equal(["a", "b", "c", "d", "e", "f", "g"], _backplane.Topics.Select(static topic => topic.Split('/')[4]));
    }

    [Theory]
    [InlineData(PublishStatus.Overloaded, 8022)]
    [InlineData(PublishStatus.DiskFull, 8022)]
    [InlineData(PublishStatus.Failed, 8022)]
    [InlineData(PublishStatus.ShuttingDown, null)]
    [InlineData(null, 8020)]
    public async Task TellAsync_NotTakenNow_IsToldLaterAndInOrder(object? status, int? line)
    {
        var one = SubscriptionBookTests.Make(_book, "a");
        one.Begun();
        _backplane.Refuse(status is PublishStatus known ? new PublishOutcome(known) : null, times: 2);
        await _announcer.TellAsync();
        one.Ended();
        await _announcer.TellAsync();
        Assert.Equal((0L, 0), (_announcer.Published, _backplane.Topics.Count));

        await _announcer.TellAsync();
        await _announcer.TellAsync();

        Assert.Equal((2L, 0L), (_announcer.Published, _announcer.Dropped)); // That it began, and only then that it ended.
        Assert.Equal([true, false], _backplane.Actives);
        int[] warnings = line is { } id ? [id] : [];
        Assert.Equal(warnings, _logs.Lines.Where(static told => told.Level >= LogLevel.Warning).Select(static told => told.Id)); // Once, however often it is tried.
    }

    [Fact]
    public async Task TellAsync_ATopicHasEnded_LosesThatOneAndCountsIt()
    {
        SubscriptionBookTests.Make(_book, "a", "b", "c").Begun();
        _backplane.Refuse(new PublishOutcome(PublishStatus.TopicEnded, Index: 1), times: 1);

        await _announcer.TellAsync();

        Assert.Equal(["a", "c"], _backplane.Topics.Select(static topic => topic.Split('/')[4]));
        Assert.Equal((2L, 1L), (_announcer.Published, _announcer.Dropped));
    }

    private sealed class KeepingBackplane : IBackplane
    {
        private readonly Queue<PublishOutcome?> _refusals = [];
        private TaskCompletionSource? _asked;

        public List<string> Topics { get; } = [];

        public List<bool> Actives { get; } = [];

        public IHistory History => throw new NotSupportedException();

        public bool IsFailing => false;

        /// <summary>Has it refuse what comes next; null: throw.</summary>
        public void Refuse(PublishOutcome? outcome, int times)
        {
            for (var i = 0; i < times; i++)
            {
                _refusals.Enqueue(outcome);
            }
        }

        /// <summary>Has it answer nothing from now on. Completes when it is asked.</summary>
        public Task Hang() => (_asked = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public ValueTask<PublishOutcome> PublishAsync(EventBatch batch, CancellationToken cancellationToken)
        {
            if (_asked is { } asked)
            {
                asked.TrySetResult();
                return new(new TaskCompletionSource<PublishOutcome>().Task);
            }

            if (_refusals.TryDequeue(out var refusal))
            {
                return ValueTask.FromResult(refusal ?? throw new IOException("It is out."));
            }

            var rest = batch.Records.WrittenSpan;
            while (!rest.IsEmpty)
            {
                var record = new EventRecord(rest[..EventRecord.LengthAt(rest)]);
                Assert.Equal(("mercure", true), (Encoding.UTF8.GetString(record.Type), (record.Flags & EventFlags.Private) != 0));
                Topics.Add(Encoding.UTF8.GetString(record.Topic));
                Actives.Add(JsonElement.Parse(record.Payload).GetProperty("active").GetBoolean());
                rest = rest[record.Bytes.Length..];
            }

            return ValueTask.FromResult(new PublishOutcome(PublishStatus.Committed, Accepted: batch.Count));
        }

        public Position[] FindNamed(ReadOnlySpan<byte> space, ReadOnlySpan<byte> name, int most) => throw new NotSupportedException();

        public void Start(IEventSink sink) => throw new NotSupportedException();

        public Task StopAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
