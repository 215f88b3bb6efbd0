using System.Text;
using Spillway.TestKit;

namespace Spillway.Tests.Events;

public sealed class TopicPatternTests
{
    private static readonly string[] Segments = ["x", "y", "", "*"];

    [Fact]
    public void Overlaps_AllSmallPatterns_IsTrueWhereSomeTopicMatchesBoth()
    {
        var names = new[] { "x", "y", "z", "" };
        byte[][] topics = [.. Lists(names, 1).Concat(Lists(names, 2)).Concat(Lists(names, 3)).Select(Encoding.UTF8.GetBytes)];
        var plain = Lists(Segments, 1).Concat(Lists(Segments, 2)).Where(static text => text.Length > 0).ToList();
        var patterns = plain.Concat(plain.Select(static text => text + "/**")).Append("**").Select(Selectors.Pattern).ToList();

        Assert.All(patterns, one => Assert.All(patterns, other => Assert.Equal(topics.Any(topic => one.Matches(topic) && other.Matches(topic)), one.Overlaps(other))));
    }

    [Fact]
    public void Intersect_AllSmallPatterns_MatchesWhatBothMatch()
    {
        var names = new[] { "x", "y", "z", "" };
        byte[][] topics = [.. Lists(names, 1).Concat(Lists(names, 2)).Concat(Lists(names, 3)).Select(Encoding.UTF8.GetBytes)];
        var plain = Lists(Segments, 1).Concat(Lists(Segments, 2)).Where(static text => text.Length > 0).ToList();
        var patterns = plain.Concat(plain.Select(static text => text + "/**")).Append("**").Select(Selectors.Pattern).ToList();

        Assert.All(patterns, one => Assert.All(patterns, other =>
        {
            var both = one.Intersect(other);

            Assert.Equal(one.Overlaps(other), both is not null);
            Assert.Equal(both?.Text, other.Intersect(one)?.Text);
            Assert.Equal(both?.Text, both is null ? null : Selectors.Pattern(both.Text).Text); // One that could have been written.
            Assert.All(topics, topic => Assert.Equal(one.Matches(topic) && other.Matches(topic), both?.Matches(topic) == true));
        }));
    }

    [Fact]
    public void Intersect_LongerThanATopic_IsNone()
    {
        var (left, right) = (new string('l', 255), new string('r', 256));

        Assert.Equal($"{left}/{right}", Selectors.Pattern($"{left}/*").Intersect(Selectors.Pattern($"*/{right}"))?.Text);
        Assert.Equal($"{left}/{right}/**", Selectors.Pattern($"{left}/**").Intersect(Selectors.Pattern($"*/{right}/**"))?.Text);
        Assert.Null(Selectors.Pattern($"{left}x/*").Intersect(Selectors.Pattern($"*/{right}")));
    }

    [Fact]
    public void Intersect_OneCoversTheOther_IsTheOther()
    {
        var (wide, narrow) = (Selectors.Pattern("a/**"), Selectors.Pattern("a/*"));

        Assert.Same(narrow, wide.Intersect(narrow));
        Assert.Same(narrow, narrow.Intersect(wide));
    }

    private static IEnumerable<string> Lists(string[] segments, int length) =>
        length == 1 ? segments : Lists(segments, length - 1).SelectMany(list => segments.Select(segment => $"{list}/{segment}"));
}
