using System.Globalization;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Mercure;
using Spillway.TestKit;
using Spillway.Tests.Hub;

namespace Spillway.Tests.Mercure;

/// <summary>Random matchers asked for and granted, public and private events with alternate topics, resumes, and connections that come and go, against the one sentence of V1: an event comes if a topic is asked for and it is public, or one is granted.</summary>
public sealed class VisibilityPropertyTests
{
    private const string Last = "fin";

    private static readonly string[] Topics = ["a", "b", "a/1", "a/2", "b/1", "b/2", "a/b/1"];

    [Fact]
    public async Task Hub_RandomMatchersAndGrants_DeliversWhatIsPublicOrGranted()
    {
        var (seeds, hidden, throughAnother) = (Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 2_000 : 100, 0, 0);
        for (var seed = 1; seed <= seeds; seed++)
        {
            await using var run = new Run(seed);
            await run.JudgeAsync();
            (hidden, throughAnother) = (hidden + run.Hidden, throughAnother + run.ThroughAnother);
        }

        Assert.True(hidden > seeds && throughAnother > seeds, $"{hidden} hidden, {throughAnother} granted by another topic: too few to show anything.");
    }

    private sealed class Run(int seed) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly HubHarness _harness = new(SmallHub.Small(), seed, faultRate: seed % 3 * 0.2);
        private readonly List<(long Offset, string[] Topics, bool IsPrivate)> _published = [];

        public int Hidden { get; private set; }

        public int ThroughAnother { get; private set; }

        public async Task JudgeAsync()
        {
            for (var i = 0; i < 5; i++)
            {
                Publish(_random.Next(40));
                TopicMatcher[] asked = [.. Matchers(1 + _random.Next(3)), new ExactTopic(Encoding.UTF8.GetBytes(Last))];
                var granted = Matchers(_random.Next(4));
                await FollowAsync(asked, granted, grantsAll: _random.Next(8) == 0);
            }
        }

        public ValueTask DisposeAsync() => _harness.DisposeAsync();

        private async Task FollowAsync(TopicMatcher[] asked, TopicMatcher[] granted, bool grantsAll)
        {
            var after = _random.Next(2) == 0 ? 0 : _harness.History.Head;
            Assert.True(VisibleSelectors.TryMake(asked, granted, grantsAll, 1_000, out var selectors));
            var request = new SubscriptionRequest(selectors, WireFormat.SseRaw, Signals: false)
            {
                Start = StartKind.Cursor,
                Cursor = new Position(_harness.History.Epoch, after).ToString(),
            };
            var (_, connection) = await _harness.ConnectAsync(request);
            connection.Stalled = _random.Next(3) == 0;
            Publish(_random.Next(60));
            connection.Stalled = false;
            var end = Publish([Last], isPrivate: false);
            var sentinel = Encoding.UTF8.GetBytes($"data: {end} \n\n");
            await _harness.UntilAsync(() => connection.HasLast(sentinel), $"the last event of seed {seed}");
            connection.Drop();
            await connection.Running;

            var got = Encoding.UTF8.GetString(connection.Bytes).Split('\n').Where(static line => line.StartsWith("data: ", StringComparison.Ordinal))
                .Select(static line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
            Assert.Equal(Expected(after, asked, granted, grantsAll), got);
        }

        private List<long> Expected(long after, TopicMatcher[] asked, TopicMatcher[] granted, bool grantsAll)
        {
            var expected = new List<long>();
            foreach (var (offset, topics, isPrivate) in _published.Where(one => one.Offset > after))
            {
                var utf8 = topics.Select(Encoding.UTF8.GetBytes).ToArray();
                var isAsked = utf8.Any(topic => asked.Any(matcher => matcher.Matches(topic)));
                var isGranted = grantsAll || utf8.Any(topic => granted.Any(matcher => matcher.Matches(topic)));
                Hidden += isAsked && isPrivate && !isGranted ? 1 : 0;
                if (isAsked && (!isPrivate || isGranted))
                {
                    expected.Add(offset);
                    ThroughAnother += isPrivate && !grantsAll && !utf8.Any(topic => asked.Any(matcher => matcher.Matches(topic)) && granted.Any(matcher => matcher.Matches(topic))) ? 1 : 0;
                }
            }

            return expected;
        }

        private void Publish(int count)
        {
            for (; count > 0; count--)
            {
                Publish([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Topics[_random.Next(Topics.Length)]).Distinct()], _random.Next(2) == 0);
            }
        }

        private long Publish(string[] topics, bool isPrivate)
        {
            var offset = _harness.Publish(
                new PushEvent { Topic = topics[0], Alternates = topics[1..], Private = isPrivate, Payload = Encoding.UTF8.GetBytes($"{_harness.History.NextOffset} ") }).Offset;
            _published.Add((offset, topics, isPrivate));
            return offset;
        }

        private TopicMatcher[] Matchers(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(4) switch
        {
            0 => Selectors.Pattern(_random.Next(2) == 0 ? "a/*" : "b/**"),
            1 => new Ending(_random.Next(2) == 0 ? "1" : "b"),
            _ => (TopicMatcher)new ExactTopic(Encoding.UTF8.GetBytes(Topics[_random.Next(Topics.Length)])),
        })];
    }

    private sealed class Ending(string end) : TopicMatcher(end, "\u0001?" + end, [])
    {
        public override bool Matches(ReadOnlySpan<byte> topic) => topic.EndsWith(Encoding.UTF8.GetBytes(Text));
    }
}
