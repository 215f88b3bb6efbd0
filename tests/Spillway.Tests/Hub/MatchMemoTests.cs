using System.Globalization;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>What topics match, remembered while matchers come and go: the same as matched anew, and seldom asked.</summary>
public sealed class MatchMemoTests : IDisposable
{
    private readonly StrandTable _strands = new(new LimitOptions { Topics = 100_000 }, loops: 1);
    private readonly MatcherTable _matchers = new();

    public void Dispose() => _strands.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, int.MaxValue - 1_000)]
    [InlineData(4, int.MaxValue - 50)]
    public void Of_MatchersComeAndGo_IsWhatAFreshTableSays(int seed, int version)
    {
        var random = new Random(seed);
        var memo = new MatchMemo(_strands, _matchers, version);
        var topics = Enumerable.Range(0, 40).Select(i => AddTopic(i < 20 ? $"a/{i}" : $"B/{i % 10}/{i % 3}")).ToArray();
        var form = new LowerCase();
        var (known, overflows) = (new Dictionary<string, TopicMatcher>(StringComparer.Ordinal), 0);
        for (var step = 0; step < 4_000; step++)
        {
            for (var changes = random.Next(20) == 0 ? 40 : random.Next(4); changes > 0; changes--)
            {
                Change(random, known, form, topics);
            }

            var topic = topics[random.Next(topics.Length)];
            var fresh = new MatcherTable();
            foreach (var matcher in known.Values)
            {
                fresh.GetOrAdd(matcher);
            }

            var (matches, expected) = (memo.Of(topic), fresh.Match(topic));
            Assert.Equal(expected.Overflow, matches.Overflow);
            Assert.True(matches.Overflow || Names(expected).SequenceEqual(Names(matches), StringComparer.Ordinal), $"step {step}");
            overflows += matches.Overflow ? 1 : 0;
        }

        Assert.InRange(overflows, 100, 3_900);
    }

    [Fact]
    public void Of_AnotherTopicsMatcherComesAndGoes_AsksNobody()
    {
        var memo = new MatchMemo(_strands, _matchers);
        var (topic, asked) = (AddTopic("a/1"), new CountingMatcher("1", static topic => topic.EndsWith('1')));
        Add(asked);
        memo.Of(topic);
        var (before, other) = (asked.Calls, new ExactTopic(AddTopic("a/2")));

        Add(other);
        memo.Of(topic);
        Remove(other);
        memo.Of(topic);

        Assert.Equal((1, 1), (before, asked.Calls));
    }

    [Fact]
    public void Of_ItsOwnMatcherComesAndGoes_IsToldAtOnce()
    {
        var memo = new MatchMemo(_strands, _matchers);
        var topic = AddTopic("a/1");
        var own = new ExactTopic(topic);
        Assert.Empty(memo.Of(topic).Matchers);

        Add(own);
        Assert.Equal([own.Name], Names(memo.Of(topic)));
        Remove(own);

        Assert.Empty(memo.Of(topic).Matchers);
    }

    [Fact]
    public void Of_AFewOthersComeAndGo_AsksOnlyThose()
    {
        var memo = new MatchMemo(_strands, _matchers);
        var topic = AddTopic("a/1");
        var old = new CountingMatcher("old", static _ => true);
        var gone = new CountingMatcher("gone", static _ => true);
        var fresh = Enumerable.Range(0, MatchMemo.MaxChanges - 1).Select(static i => new CountingMatcher($"{i}", _ => i == 3, prefix: i < 5 ? "" : "b/")).ToArray();
        Add(old);
        Add(gone);
        memo.Of(topic);

        Remove(gone);
        Array.ForEach(fresh, Add);
        var few = memo.Of(topic);

        Assert.Equal(["\u0001?3", "\u0001?old"], Names(few));
        Assert.Equal((1, 1), (old.Calls, gone.Calls));
        Assert.Equal([1, 1, 1, 1, 1, 0], fresh.Select(static matcher => matcher.Calls).Take(6)); // The rest by its prefix.
        Remove(fresh[3]);
        Add(gone);
        Assert.Equal(["\u0001?gone", "\u0001?old"], Names(memo.Of(topic)));
        Assert.Equal(1, old.Calls);
    }

    [Fact]
    public void Of_MoreListsThanKept_ForgetsThemAndIsRight()
    {
        var memo = new MatchMemo(_strands, _matchers);
        for (var i = 0; i < 17; i++)
        {
            var bit = i;
            Add(new CountingMatcher($"{bit}", topic => (int.Parse(topic, CultureInfo.InvariantCulture) >> bit & 1) != 0));
        }

        var most = 0;
        for (var i = 0; i < MatchMemo.MaxLists + 100; i++)
        {
            var matches = memo.Of(AddTopic($"{i}"));
            most = Math.Max(most, memo.Lists);
            Assert.Equal(int.PopCount(i), matches.Matchers.Length);
        }

        Assert.Equal(MatchMemo.MaxLists, most);
        Assert.InRange(memo.Lists, 2, 200);
        Assert.Equal(["\u0001?0", "\u0001?1"], Names(memo.Of("3"u8)));
    }

    [Fact]
    public void Of_ManyComeAndGo_KeepsNoListOfThoseThatAreGone()
    {
        var memo = new MatchMemo(_strands, _matchers);
        var topic = AddTopic("a/1");
        for (var i = 0; i < MatchMemo.MaxTurnover / 2; i++)
        {
            var brief = new CountingMatcher("brief", static _ => true);
            Add(brief);
            Assert.Single(memo.Of(topic).Matchers);
            Remove(brief);
        }

        Assert.Empty(memo.Of(topic).Matchers);

        Assert.Equal(1, memo.Lists);
    }

    private static IEnumerable<string> Names(PatternMatches matches) => matches.Matchers.Select(static matcher => matcher.Matcher.Name).Order(StringComparer.Ordinal);

    private void Change(Random random, Dictionary<string, TopicMatcher> known, LowerCase form, byte[][] topics)
    {
        if (known.Count > 0 && random.Next(10) < (known.Count > 85 ? 6 : 4))
        {
            var gone = known.Values.ElementAt(random.Next(known.Count));
            known.Remove(gone.Name);
            Remove(gone);
            return;
        }

        var number = random.Next(100);
        TopicMatcher come = random.Next(5) switch
        {
            0 => Selectors.Pattern(random.Next(2) == 0 ? $"*/{random.Next(20)}" : $"B/*/{random.Next(3)}"),
            1 => new ExactTopic(topics[random.Next(topics.Length)]),
            2 => new CountingMatcher($"b{number}", topic => topic.Sum(static letter => letter) % 3 != number % 3, prefix: "b/", form: form),
            3 => new CountingMatcher($"a{number}", static topic => topic.StartsWith("a/", StringComparison.Ordinal), prefix: "a/"),
            _ => new CountingMatcher($"all{number}", static _ => true),
        };
        known[come.Name] = come;
        Add(come);
    }

    private byte[] AddTopic(string topic)
    {
        var utf8 = Encoding.UTF8.GetBytes(topic);
        Assert.True(_strands.FindOrAdd(utf8, pattern: false, out _) > 0);
        return utf8;
    }

    private void Add(TopicMatcher matcher) => _matchers.GetOrAdd(matcher).Strand = 1;

    private void Remove(TopicMatcher matcher)
    {
        var known = _matchers.GetOrAdd(matcher);
        known.Strand = 0;
        _matchers.RemoveIfIdle(known);
    }

    private sealed class LowerCase : TopicForm
    {
        public override byte[]? Of(ReadOnlySpan<byte> topic) => topic[0] == 'a' ? null : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(topic).ToLowerInvariant());
    }
}
