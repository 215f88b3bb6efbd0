using System.Net;
using System.Text;
using Spillway.Access;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Access;

public sealed class GrantSetTests
{
    private static readonly string[] Segments = ["x", "y", "", "*"];
    private static readonly string[] Names = ["x", "y", "z", ""];
    private static readonly byte[][] AllTopics = [.. Topics(1).Concat(Topics(2)).Concat(Topics(3)).Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void Allows_RandomGrants_IsTrueWhereOneMatches()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var texts = Enumerable.Range(0, random.Next(6)).Select(_ => Text(random)).ToArray();
            var patterns = texts.Select(Selectors.Pattern).ToArray();

            var grants = Create(texts);

            Assert.All(AllTopics, topic => Assert.Equal(patterns.Any(pattern => pattern.Matches(topic)), grants.Allows(topic)));
            Assert.All(AllTopics, topic => Assert.Equal(grants.Allows(topic), grants.Find(topic) is { } found && Selectors.Pattern(found).Matches(topic)));
        }
    }

    [Fact]
    public void Reduce_RandomGrantsAndSelectors_LeavesExactlyWhatBothMatch()
    {
        var random = new Random(2);
        var (granted, refused, divided) = (0, 0, 0);
        for (var round = 0; round < 3_000; round++)
        {
            var grants = Create([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Text(random))]);
            var asked = new SelectorSet(
                Enumerable.Range(0, random.Next(2)).Select(_ => Topics(random.Next(1, 4)).ElementAt(random.Next(4))).Where(static topic => topic.Length > 0),
                Enumerable.Range(0, random.Next(1, 3)).Select(_ => Selectors.Pattern(Text(random))));

            var reduction = grants.Reduce(asked, most: 1_000);

            if (reduction.IsGranted)
            {
                granted++;
                divided += reduction.Granted.Patterns.Count > asked.Patterns.Count ? 1 : 0;
                Assert.All(AllTopics, topic => Assert.Equal(asked.MayMatch(topic) && grants.Allows(topic), reduction.Granted.MayMatch(topic)));
                Assert.Equal(asked.Topics, reduction.Granted.Topics);
            }
            else
            {
                refused++;
                Assert.True(reduction.Kind == RefusalKind.Topic
                    ? !grants.Allows(Encoding.UTF8.GetBytes(reduction.Refused))
                    : !AllTopics.Any(topic => Selectors.Pattern(reduction.Refused).Matches(topic) && grants.Allows(topic)));
            }
        }

        Assert.True(granted > 200 && refused > 200 && divided > 50, $"{granted} granted, {refused} refused, {divided} divided");
    }

    [Theory]
    [InlineData("a/b", "a/b")]
    [InlineData("a", "a/**")]
    [InlineData("a", "a/*")]
    [InlineData("", "*/a")]
    [InlineData("", "**")]
    [InlineData("jobs", "jobs/1", "jobs")]
    [InlineData("jobs/", "jobs/1", "jobs/2/**")]
    [InlineData("", "jobs/1", "news")]
    [InlineData("x", "x\uD83D\uDE00", "x\uD83D\uDE01")]
    [InlineData("")]
    public void CommonPrefix_Grants_IsWhatAllTheirTopicsBeginWith(string prefix, params string[] grants) => Assert.Equal(prefix, Create(grants).CommonPrefix);

    [Fact]
    public void Everything_AnyTopicOrSelectors_IsAllowedAsItIs()
    {
        var asked = new SelectorSet(["a/b"], [Selectors.Pattern("**")]);

        Assert.True(GrantSet.Everything.AllowsAll && GrantSet.Everything.Allows("a"u8));
        Assert.Same(asked, GrantSet.Everything.Reduce(asked, most: 0).Granted);
        Assert.False(Create("a/**", "*").AllowsAll);
    }

    [Fact]
    public void Reduce_GrantedAsItIs_StaysTheSameObject()
    {
        var asked = new SelectorSet(["a/b"], [Selectors.Pattern("a/*"), Selectors.Pattern("a/b")]);

        Assert.Same(asked, Create("a/**").Reduce(asked, most: 3).Granted);
    }

    [Fact]
    public void Reduce_PatternOverGrants_HasNoneThatAnotherCovers()
    {
        var reduction = Create("a/b", "*/b", "a/c/*", "*/c/**", "q/**").Reduce(new SelectorSet([], [Selectors.Pattern("a/**")]), most: 10);

        Assert.Equal(["a/b", "a/c/**"], reduction.Granted!.Patterns.Select(static pattern => pattern.Text));
        Assert.Empty(reduction.Granted.Topics); // An exact grant under a pattern is a pattern without wildcards: a pattern never ends.
    }

    [Fact]
    public void Reduce_TopicNotGranted_NamesIt()
    {
        var reduction = Create("a", "b/*").Reduce(new SelectorSet(["a", "b"], []), most: 10);

        Assert.Equal((RefusalKind.Topic, "b"), (reduction.Kind, reduction.Refused));
    }

    [Fact]
    public void Reduce_PatternNoGrantOverlaps_NamesIt()
    {
        var reduction = Create("a", "b/*").Reduce(new SelectorSet([], [Selectors.Pattern("b/**"), Selectors.Pattern("c/**")]), most: 10);

        Assert.Equal((RefusalKind.Pattern, "c/**"), (reduction.Kind, reduction.Refused));
    }

    [Fact]
    public void Reduce_MorePatternsThanAllowed_IsRefused()
    {
        var grants = Create("a/1", "a/2", "a/3");
        var asked = new SelectorSet([], [Selectors.Pattern("a/*")]);

        Assert.Equal(RefusalKind.TooMany, grants.Reduce(asked, most: 2).Kind);
        Assert.Equal(3, grants.Reduce(asked, most: 3).Granted!.Patterns.Count);
    }

    [Fact]
    public void TryCreate_MoreThanAllowed_SaysSo()
    {
        Assert.False(GrantSet.TryCreate(["a", "b", "c"], most: 2, out _, out var fault));
        Assert.Equal("There are 3 grants; at most 2 are allowed: join some by a wider pattern.", fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/**/b")]
    [InlineData("*/*/*/*/*/*/*/*/*")]
    [InlineData("a\u0000b")]
    public void TryCreate_NoTopicAndNoPattern_NamesTheGrant(string text)
    {
        Assert.False(GrantSet.TryCreate(["a", text], most: 10, out _, out var fault));
        Assert.StartsWith($"The grant \"{text}\" ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_CoveredGrants_AreLeftOut()
    {
        Assert.Equal(["c", "a/**", "b/*"], Create("a/b", "a/*", "c", "a/**", "c", "b/*", "b/x").Texts);
        Assert.True(Create().IsEmpty);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.7", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.0/24", "192.0.3.7", false)]
    [InlineData("192.0.2.0/24", "2001:db8::1", false)]
    [InlineData("192.0.2.0/24", null, false)]
    [InlineData("2001:db8::/32", "2001:db8::1", true)]
    [InlineData(null, null, true)]
    public void IsGoodAt_BoundTicket_OnlyThere(string? bound, string? address, bool good)
    {
        var ticket = new AccessTicket { Address = bound is null ? null : IPNetwork.Parse(bound) };

        Assert.Equal(good, ticket.IsGoodAt(address is null ? null : IPAddress.Parse(address)));
    }

    private static GrantSet Create(params string[] texts)
    {
        Assert.True(GrantSet.TryCreate(texts, 100, out var grants, out var fault), fault);
        return grants;
    }

    private static string Text(Random random)
    {
        while (true)
        {
            var text = string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Segments[random.Next(Segments.Length)]));
            text = random.Next(3) == 0 ? text.Length == 0 ? "**" : $"{text}/**" : text;
            if (text.Length > 0)
            {
                return text;
            }
        }
    }

    private static IEnumerable<string> Topics(int length) =>
        length == 1 ? Names : Topics(length - 1).SelectMany(static list => Names.Select(segment => $"{list}/{segment}"));
}
