using System.Text;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

public sealed class PatternTrieTests
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
        var trie = new PatternTrie();
        trie.Add(Selectors.Pattern(pattern), 7);

        Assert.Equal(expected ? [7] : [], trie.Match(Encoding.UTF8.GetBytes(topic)).Strands);
        Assert.Equal(expected, Selectors.Pattern(pattern).Matches(Encoding.UTF8.GetBytes(topic)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Match_RandomPatternsThatComeAndGo_AgreesWithEachPattern(int seed)
    {
        var random = new Random(seed);
        var trie = new PatternTrie();
        var model = new Dictionary<int, TopicPattern>();
        for (var i = 1; i < 3_000; i++)
        {
            if (model.Count < 25 && random.Next(2) == 0)
            {
                var text = Text(random, ["a", "b", "*", "*", ""], last: ["a", "*", "**", "**", "b"]);
                if (model.Values.All(pattern => pattern.Text != text))
                {
                    model.Add(i, Selectors.Pattern(text));
                    trie.Add(model[i], i);
                }
            }
            else if (model.Count > 0 && random.Next(2) == 0)
            {
                var strand = model.Keys.ElementAt(random.Next(model.Count));
                trie.Remove(strand);
                model.Remove(strand);
            }

            var topic = Encoding.UTF8.GetBytes(Text(random, ["a", "b", "c", ""], last: ["a", "b", ""]));
            var matches = trie.Match(topic);
            Assert.False(matches.Overflow);
            Assert.Equal(model.Where(entry => entry.Value.Matches(topic)).Select(static entry => entry.Key).Order(), matches.Strands.Order());
            Assert.Equal(model.Count, trie.Count);
        }
    }

    [Fact]
    public void Match_MorePatternsThanLinks_Overflows()
    {
        var trie = new PatternTrie();
        for (var i = 0; i < 64; i++)
        {
            trie.Add(Selectors.Pattern(string.Join('/', Enumerable.Range(0, 6).Select(bit => (i >> bit & 1) == 0 ? "a" : "*")) + "/**"), i + 1);
        }

        var matches = trie.Match("a/a/a/a/a/a"u8);

        Assert.Equal((PatternTrie.MaxMatches, true), (matches.Strands.Length, matches.Overflow));
    }

    [Fact]
    public void Match_PatternsMadeToBranch_StopsAtItsBound()
    {
        var trie = new PatternTrie();
        for (var i = 0; i < 511; i++)
        {
            // 511 ways through nine segments, none of which matches at its end.
            trie.Add(Selectors.Pattern(string.Join('/', Enumerable.Range(0, 9).Select(bit => (i >> bit & 1) == 0 ? "a" : "*")) + "/z"), i + 1);
        }

        var matches = trie.Match("a/a/a/a/a/a/a/a/a/b"u8);

        Assert.True(matches.Overflow); // A thousand nodes would have to be looked at.
        Assert.Empty(matches.Strands);
    }

    [Fact]
    public void Remove_LastOfABranch_PrunesItAndForgetsNothingElse()
    {
        var trie = new PatternTrie();
        trie.Add(Selectors.Pattern("a/*/c/**"), 1);
        trie.Add(Selectors.Pattern("a/*"), 2);
        var version = trie.Version;

        trie.Remove(1);
        trie.Remove(1);

        Assert.Equal(version + 1, trie.Version);
        Assert.Equal([2], trie.Match("a/b"u8).Strands);
        Assert.Empty(trie.Match("a/b/c"u8).Strands);
        trie.Remove(2);
        Assert.Same(PatternMatches.None, trie.Match("a/b"u8));
        trie.Add(Selectors.Pattern("a/*/c/**"), 3);
        Assert.Equal([3], trie.Match("a/b/c"u8).Strands);
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

    private static string Text(Random random, string[] segments, string[] last) =>
        string.Join('/', Enumerable.Range(0, random.Next(4)).Select(_ => segments[random.Next(segments.Length)]).Append(last[random.Next(last.Length)]));
}
