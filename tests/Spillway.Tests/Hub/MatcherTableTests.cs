using System.Text;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

public sealed class MatcherTableTests
{
    [Theory]
    [InlineData("a/*", "a/b", true)]
    [InlineData("a/*", "a", false)]
    [InlineData("a/*", "a/", false)]
    [InlineData("a/**", "a", true)]
    [InlineData("a/**", "a/", true)]
    [InlineData("a/**", "ab", false)]
    [InlineData("**", "", true)]
    [InlineData("*/**", "a/b/c", true)]
    [InlineData("*/x", "/x", false)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a*", "ab", false)]
    public void Match_OnePattern_IsWhatThePatternSays(string pattern, string topic, bool expected)
    {
        var table = new MatcherTable();
        Add(table, Selectors.Pattern(pattern), 7);

        Assert.Equal(expected ? [7] : [], Strands(table.Match(Encoding.UTF8.GetBytes(topic))));
        Assert.Equal(expected, Selectors.Pattern(pattern).Matches(Encoding.UTF8.GetBytes(topic)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Match_RandomPatternsThatComeAndGo_AgreesWithEachPattern(int seed)
    {
        var random = new Random(seed);
        var table = new MatcherTable();
        var model = new Dictionary<int, TopicPattern>();
        for (var i = 1; i < 3_000; i++)
        {
            if (model.Count < 25 && random.Next(2) == 0)
            {
                var text = Text(random, ["a", "b", "*", "*", ""], last: ["a", "*", "**", "**", "b"]);
                if (model.Values.All(pattern => pattern.Text != text))
                {
                    model.Add(i, Selectors.Pattern(text));
                    Add(table, model[i], i);
                }
            }
            else if (model.Count > 0 && random.Next(2) == 0)
            {
                var strand = model.Keys.ElementAt(random.Next(model.Count));
                Remove(table, model[strand]);
                model.Remove(strand);
            }

            var topic = Encoding.UTF8.GetBytes(Text(random, ["a", "b", "c", ""], last: ["a", "b", ""]));
            var matches = table.Match(topic);
            Assert.False(matches.Overflow);
            Assert.Equal(model.Where(entry => entry.Value.Matches(topic)).Select(static entry => entry.Key).Order(), Strands(matches).Order());
        }
    }

    [Fact]
    public void Match_MorePatternsThanLinks_Overflows()
    {
        var table = new MatcherTable();
        for (var i = 0; i < 64; i++)
        {
            Add(table, Selectors.Pattern(string.Join('/', Enumerable.Range(0, 6).Select(bit => (i >> bit & 1) == 0 ? "a" : "*")) + "/**"), i + 1);
        }

        var matches = table.Match("a/a/a/a/a/a"u8);

        Assert.Equal((MatcherTable.MaxMatches, true), (matches.Matchers.Length, matches.Overflow));
    }

    [Fact]
    public void Match_PatternsMadeToBranch_StopsAtItsBound()
    {
        var table = new MatcherTable();
        for (var i = 0; i < 511; i++)
        {
            // 511 ways through nine segments, none of which matches at its end.
            Add(table, Selectors.Pattern(string.Join('/', Enumerable.Range(0, 9).Select(bit => (i >> bit & 1) == 0 ? "a" : "*")) + "/z"), i + 1);
        }

        var matches = table.Match("a/a/a/a/a/a/a/a/a/b"u8);

        Assert.True(matches.Overflow); // A thousand nodes would have to be looked at.
        Assert.Empty(matches.Matchers);
    }

    [Fact]
    public void Remove_LastOfABranch_PrunesItAndForgetsNothingElse()
    {
        var table = new MatcherTable();
        Add(table, Selectors.Pattern("a/*/c/**"), 1);
        Add(table, Selectors.Pattern("a/*"), 2);
        var changes = 0;
        table.Changed = _ => changes++;

        Remove(table, Selectors.Pattern("a/*/c/**"));

        Assert.Equal(1, changes);
        Assert.Equal([2], Strands(table.Match("a/b"u8)));
        Assert.Empty(Strands(table.Match("a/b/c"u8)));
        Remove(table, Selectors.Pattern("a/*"));
        Assert.Same(PatternMatches.None, table.Match("a/b"u8));
        Add(table, Selectors.Pattern("a/*/c/**"), 3);
        Assert.Equal([3], Strands(table.Match("a/b/c"u8)));
    }

    [Theory]
    [InlineData("a/a/a/a/a/a", 40)]
    public void Dispatch_MorePatternsThanLinks_EveryFeedFiltersForItself(string topic, int patterns)
    {
        using var rig = new LoopRig();
        var texts = Enumerable.Range(0, 64).Select(static i => string.Join('/', Enumerable.Range(0, 6).Select(bit => (i >> bit & 1) == 0 ? "a" : "*"))).ToList();
        var connections = texts.Take(patterns).Select(text => rig.Subscribe(text + "/**")).ToList();
        var other = rig.Subscribe("x/*");
        rig.Settle();

        rig.Publish(topic, "1");
        rig.Publish("a/a/a/a/a/b", "2");
        rig.Publish("x/1", "3");
        rig.Settle();

        for (var i = 0; i < patterns; i++)
        {
            Assert.Equal((i >> 5 & 1) == 0 ? ["1"] : ["1", "2"], connections[i].Payloads());
        }

        Assert.Equal(["3"], other.Payloads());
    }

    [Fact]
    public void Match_ExactTopicsAndPrefixes_AsksOnlyThoseThatFit()
    {
        var table = new MatcherTable();
        var asked = new List<string>();
        Add(table, new ExactTopic("a/1"u8.ToArray()), 1);
        Add(table, new Suffix("a/", "1", asked), 2);
        Add(table, new Suffix("a/", "2", asked), 3);
        Add(table, new Suffix("b/", "1", asked), 4);
        Add(table, new Suffix("", "1", asked), 5);

        var matches = table.Match("a/1"u8);

        Assert.Equal([1, 2, 5], Strands(matches).Order());
        Assert.Equal(["", "a/", "a/"], asked.Order());
        Remove(table, new Suffix("a/", "1", asked));
        Assert.Equal([1, 5], Strands(table.Match("a/1"u8)).Order());
    }

    [Fact]
    public void Match_MoreToAskThanTheBound_Overflows()
    {
        var table = new MatcherTable();
        for (var i = 0; i < MatcherTable.MaxAsked; i++)
        {
            Add(table, new Suffix("a/", $"{i}", []), i + 1);
        }

        Assert.False(table.Match("a/x"u8).Overflow);
        Add(table, new Suffix("a/", "more", []), MatcherTable.MaxAsked + 1);

        Assert.True(table.Match("a/x"u8).Overflow);
        Assert.False(table.Match("b/x"u8).Overflow);
    }

    [Fact]
    public void Match_AForm_ComparesWhatItMakesOfTheTopic()
    {
        var table = new MatcherTable();
        var form = new LowerCase();
        Add(table, new Suffix("a/", "X", [], form), 1);

        Assert.Equal([1], Strands(table.Match("A/X"u8)));
        Assert.Empty(Strands(table.Match("?A/X"u8))); // It has no such form.
    }

    private static void Add(MatcherTable table, TopicMatcher matcher, int strand) => table.GetOrAdd(matcher).Strand = strand;

    private static void Remove(MatcherTable table, TopicMatcher matcher)
    {
        var known = table.GetOrAdd(matcher);
        known.Strand = 0;
        table.RemoveIfIdle(known);
    }

    private static IEnumerable<int> Strands(PatternMatches matches) => matches.Matchers.Select(static matcher => matcher.Strand);

    private sealed class Suffix(string prefix, string suffix, List<string> asked, TopicForm? form = null) : TopicMatcher(suffix, $"\u0001?{prefix}|{suffix}", Encoding.UTF8.GetBytes(prefix))
    {
        public override TopicForm? Form => form;

        public override bool Matches(ReadOnlySpan<byte> topic)
        {
            asked.Add(prefix);
            return Encoding.UTF8.GetString(topic).EndsWith(Text, StringComparison.Ordinal);
        }
    }

    private sealed class LowerCase : TopicForm
    {
        public override byte[]? Of(ReadOnlySpan<byte> topic) => topic[0] == '?' ? null : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(topic).ToLowerInvariant());
    }

    private static string Text(Random random, string[] segments, string[] last) =>
        string.Join('/', Enumerable.Range(0, random.Next(4)).Select(_ => segments[random.Next(segments.Length)]).Append(last[random.Next(last.Length)]));
}
