using System.Text;
using Spillway.Events;

namespace Spillway.Tests.Events;

public class RuleBookTests
{
    private readonly HashSet<int> _inUse = [];

    [Fact]
    public void TryChange_PatternsStay_KeepTheirIndicesInAnyOrder()
    {
        var book = new RuleBook(Rules("a/**", "b/**"));
        var (a, b, rest) = (IndexOf(book, "a/1"), IndexOf(book, "b/1"), IndexOf(book, "c"));

        Change(book, Rules("b/**", "new/**", "a/**"));

        Assert.Equal((a, b, rest), (IndexOf(book, "a/1"), IndexOf(book, "b/1"), IndexOf(book, "c")));
        Assert.DoesNotContain(IndexOf(book, "new/1"), new[] { a, b, rest });
    }

    [Theory]
    [InlineData("b/1 a/** b/**", "b/**")] // Loses a topic.
    [InlineData("b/** *", "a/**")] // Gains some: those of the rule that was removed above it.
    [InlineData("b/** */1 a/**", "a/**")]
    public void TryChange_PatternHasOtherTopicsNow_EventsOfBeforeKeepTheirRule(string patterns, string changed)
    {
        var book = new RuleBook([new TopicRule { Pattern = "a/1" }, .. Rules("a/**", "b/**"), new TopicRule { Pattern = "b/2" }]);
        _inUse.UnionWith(Enumerable.Range(0, 5));
        var before = book.Current;

        Change(book, patterns.Split(' ').Append("a/**").Append("b/**").Distinct().Select(static pattern => new TopicRule { Pattern = pattern, Overflow = OverflowPolicy.Latest }));

        var (old, now) = (IndexOfPattern(before, changed), IndexOfPattern(book.Current, changed));
        Assert.NotEqual(old, now);
        Assert.Equal((null, OverflowPolicy.Latest), (book.Current[old].Overflow, book.Current[now].Overflow));
    }

    [Fact]
    public void TryChange_PatternHasOtherTopicsAndNoIndexIsFree_KeepsItsOwn()
    {
        var book = new RuleBook(Numbered("first", 0, 254));
        var rest = IndexOf(book, "rest");
        _inUse.UnionWith(Enumerable.Range(0, 255));

        Change(book, Numbered("first", 0, 253)); // "**" is for first/253 now.

        Assert.Equal(rest, IndexOf(book, "rest"));
    }

    [Fact]
    public void TryChange_ParametersChange_ApplyUnderTheSameIndex()
    {
        var book = new RuleBook([new TopicRule { Pattern = "a", BacklogEvents = 7 }]);
        var before = book.Current;
        var index = IndexOf(book, "a");

        Change(book, [new TopicRule { Pattern = "a", BacklogEvents = 9 }]);

        Assert.Equal((7, 9), (before[index].BacklogEvents, book.Current[index].BacklogEvents));
    }

    [Fact]
    public void TryChange_RuleIsRemoved_ItsIndexKeepsItsParameters()
    {
        var book = new RuleBook([new TopicRule { Pattern = "a", BacklogEvents = 7 }]);
        var index = IndexOf(book, "a");

        Change(book, Rules("x"));

        Assert.Equal(7, book.Current[index].BacklogEvents);
        Assert.NotEqual(index, IndexOf(book, "x"));
    }

    [Fact]
    public void TryChange_OwnerChangesItsRules_TheyStayAsTheyWere()
    {
        var rule = new TopicRule { Pattern = "a" };
        var book = new RuleBook([rule]);

        rule.History = false;

        Assert.True(book.Current.For("a").History);
    }

    [Fact]
    public void TryChange_NoIndexWasNeverUsed_TakesTheOneRemovedFirst()
    {
        var book = new RuleBook(Numbered("first", 0, 100));
        Change(book, Numbered("second", 0, 100)); // The indices of "first" are free.
        Change(book, Numbered("third", 0, 54)); // All that were never used; those of "second" are free, too.
        Change(book, [.. Numbered("third", 0, 54), .. Rules("fourth")]);

        Assert.Equal("first/0", NameOf(book, "fourth", Numbered("first", 0, 100)));
    }

    [Fact]
    public void TryChange_RemovedRuleIsInUse_ItsIndexIsNotReused()
    {
        var book = new RuleBook(Numbered("first", 0, 200));
        var first = IndexOf(book, "first/0");
        _inUse.UnionWith(Enumerable.Range(0, 201).Except([first + 1]));
        Change(book, Numbered("second", 0, 53)); // As many as there never were, but one: "**" has lost topics and won others, and takes it.

        Change(book, [.. Numbered("second", 0, 53), .. Rules("one")]);
        var changed = book.TryChange([.. Numbered("second", 0, 53), .. Rules("one", "more")], 0, _inUse.Contains, out var fault);

        Assert.Equal(first + 1, IndexOf(book, "one"));
        Assert.False(changed);
        Assert.Contains("255", fault, StringComparison.Ordinal);
        Assert.Equal(first + 1, IndexOf(book, "one"));
    }

    [Fact]
    public void TryChange_RemovedRuleComesBack_HasItsIndexAgainThoughItCouldBeReused()
    {
        var book = new RuleBook(Numbered("first", 0, 254));
        var first = IndexOf(book, "first/1");
        Change(book, Rules("x"));

        Change(book, Rules("y", "first/1"));

        Assert.Equal(first, IndexOf(book, "first/1"));
        Assert.NotEqual(first, IndexOf(book, "y")); // Whose turn it was.
    }

    [Fact]
    public void At_OffsetsOfBeforeAndAfterAChange_GivesTheRulesOfTheirTime()
    {
        var book = new RuleBook(Rules("a"));
        var first = book.Current;
        Change(book, Rules("b"), since: 10);
        var second = book.Current;
        for (var i = 0; i < 7; i++)
        {
            Change(book, Rules($"c{i}"), since: 20 + i);
        }

        Assert.Same(second, book.At(11));
        Assert.Same(second, book.At(20));
        Assert.Same(book.Current, book.At(27));
        Assert.Null(book.At(10)); // Too long ago.
        Assert.NotSame(first, book.At(21));
    }

    [Fact]
    public void AnyDropsAndAnyEphemeral_RuleIsGone_StayOn()
    {
        var book = new RuleBook(Rules("a"));
        Assert.False(book.Current.AnyDrops || book.Current.AnyEphemeral);

        Change(book, [new TopicRule { Pattern = "a", History = false }]);
        Change(book, Rules("a"));

        Assert.True(book.Current.AnyDrops);
        Assert.True(book.Current.AnyEphemeral);
    }

    private static int IndexOfPattern(TopicRules rules, string pattern) => rules.Listed.Single(rule => rule.Pattern.Text == pattern).Index;

    private static int IndexOf(RuleBook book, string topic) => book.Current.IndexFor(Encoding.UTF8.GetBytes(topic));

    /// <summary>Which of some rules had the index that a topic's rule has now.</summary>
    private static string NameOf(RuleBook book, string topic, TopicRule[] rules)
    {
        var before = new RuleBook(rules);
        return rules.Single(rule => IndexOf(before, rule.Pattern) == IndexOf(book, topic)).Pattern;
    }

    private static TopicRule[] Rules(params string[] patterns) => [.. patterns.Select(static pattern => new TopicRule { Pattern = pattern })];

    private static TopicRule[] Numbered(string name, int from, int count) => Rules([.. Enumerable.Range(from, count).Select(i => $"{name}/{i}")]);

    private void Change(RuleBook book, IEnumerable<TopicRule> rules, long since = 0) => Assert.True(book.TryChange(rules, since, _inUse.Contains, out _));
}
