using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>Which strands of patterns an event is linked to.</summary>
public sealed class PatternIndexTests : IDisposable
{
    private readonly StrandTable _strands = new(new LimitOptions { Topics = 1_000 }, loops: 1);
    private readonly PatternIndex _index;

    public PatternIndexTests() => _index = new PatternIndex(_strands);

    public void Dispose() => _strands.Dispose();

    [Fact]
    public void Link_TopicsThatMatchTheSame_TakeTheRoomOfOne()
    {
        var granted = new CountingMatcher("granted", static _ => true);
        var pairs = Enumerable.Range(0, 25).Select(i => Add(PrivatePattern.Of(new CountingMatcher($"asked/{i}", static _ => true), granted))).ToArray();

        var linked = Link("a", isPrivate: true, "b", "c"); // Three times 26 matchers, where the pairs of 64 are looked for.

        Assert.Equal(pairs, linked.Order());
    }

    [Fact]
    public void Link_SeveralTopicsAndAFullEvent_GoesToNoOverflowThatNobodyNeeds()
    {
        var strands = Enumerable.Range(0, MatcherTable.MaxMatches).Select(i => Add(new CountingMatcher($"{i}", static _ => true))).ToArray();

        var linked = Link("a", isPrivate: false, "b");

        Assert.Equal(strands, linked.Order());
    }

    [Fact]
    public void Link_MorePairsThanLinks_OverflowsWithoutLookingOn()
    {
        var matchers = Enumerable.Range(0, 20).Select(static i => new CountingMatcher($"{i}", static _ => true)).ToArray();
        var pairs = matchers.SelectMany((first, i) => matchers.Skip(i).Select(second => Add(PrivatePattern.Of(first, second)))).ToHashSet();

        var linked = Link("a", isPrivate: true);

        Assert.Equal((MatcherTable.MaxMatches + 1, StrandTable.Overflow), (linked.Length, linked[^1]));
        Assert.All(linked[..^1], strand => Assert.Contains(strand, pairs));
    }

    [Fact]
    public void Link_RandomPatternsThatComeAndGo_AreThoseThatMatch()
    {
        var (several, random) = (0, new Random(7));
        var known = new Dictionary<int, EventPattern>();
        for (var step = 0; step < 5_000; step++)
        {
            if (known.Count > random.Next(60))
            {
                var gone = known.Keys.ElementAt(random.Next(known.Count));
                known.Remove(gone);
                _index.Remove(gone);
            }
            else if (RandomPattern(random) is var pattern && known.Values.All(other => other.Name != pattern.Name))
            {
                known.Add(Add(pattern), pattern);
            }

            var (topic, isPrivate) = ($"{random.Next(30)}", random.Next(3) > 0);
            string[] alternates = random.Next(2) == 0 ? [$"{random.Next(30)}", $"{random.Next(30)}"] : [];
            var linked = Link(topic, isPrivate, alternates);
            var record = new EventRecord(Make(topic, isPrivate, alternates));
            var expected = new List<int>();
            foreach (var (strand, pattern) in known)
            {
                if (pattern.Matches(record))
                {
                    expected.Add(strand);
                }
            }

            Assert.Equal(expected.Order(), linked.Order());
            several += expected.Count > 1 ? 1 : 0;
        }

        Assert.InRange(several, 1_000, 5_000);
    }

    private static EventPattern RandomPattern(Random random) => random.Next(8) switch
    {
        0 => RandomMatcher(random),
        1 => new PublicPattern(RandomMatcher(random)),
        _ => PrivatePattern.Of(RandomMatcher(random), RandomMatcher(random)),
    };

    private static TopicMatcher RandomMatcher(Random random)
    {
        var divisor = 3 + random.Next(5);
        var rest = random.Next(divisor);
        return random.Next(4) == 0 ? new ExactTopic([(byte)('0' + random.Next(10))]) : new CountingMatcher($"{divisor},{rest}", topic => topic.Sum(static letter => letter) % divisor == rest);
    }

    private static byte[] Make(string topic, bool isPrivate, params string[] alternates) =>
        Records.Make(new PushEvent { Topic = topic, Alternates = [.. alternates.Distinct().Where(one => one != topic)], Private = isPrivate }, 1);

    private int Add(EventPattern pattern)
    {
        var strand = _strands.FindOrAdd(pattern, out _);
        _index.Add(pattern, strand, 0);
        return strand;
    }

    private int[] Link(string topic, bool isPrivate, params string[] alternates)
    {
        var record = new EventRecord(Make(topic, isPrivate, alternates));
        _strands.FindOrAdd(record.Topic, pattern: false, out _);
        Span<int> linked = stackalloc int[64];
        var count = 0;
        _index.Link(record, linked, ref count);
        return linked[..count].ToArray();
    }
}
