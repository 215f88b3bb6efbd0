using System.Text;
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

        Assert.Equal([$"/.well-known/mercure/subscriptions/exact/stays/{Uri.EscapeDataString(stays.Id)}"], _backplane.Topics);
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

    [Fact]
    public async Task TellAsync_NameTooLongOnceEscaped_LeavesItOut()
    {
        SubscriptionBookTests.Make(_book, new string('/', 500)).Begun();
        SubscriptionBookTests.Make(_book, "short").Begun();

        await _announcer.TellAsync();

        Assert.Single(_backplane.Topics);
    }

    private sealed class KeepingBackplane : IBackplane
    {
        public List<string> Topics { get; } = [];

        public IHistory History => throw new NotSupportedException();

        public bool IsFailing => false;

        public ValueTask<PublishOutcome> PublishAsync(EventBatch batch, CancellationToken cancellationToken)
        {
            var rest = batch.Records.WrittenSpan;
            while (!rest.IsEmpty)
            {
                var record = new EventRecord(rest[..EventRecord.LengthAt(rest)]);
                Assert.Equal(("mercure", true), (Encoding.UTF8.GetString(record.Type), (record.Flags & EventFlags.Private) != 0));
                Topics.Add(Encoding.UTF8.GetString(record.Topic));
                rest = rest[record.Bytes.Length..];
            }

            return ValueTask.FromResult(new PublishOutcome(PublishStatus.Committed, Accepted: batch.Count));
        }

        public bool TryFindId(ReadOnlySpan<byte> id, out Position position) => throw new NotSupportedException();

        public void Start(IEventSink sink) => throw new NotSupportedException();

        public Task StopAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
