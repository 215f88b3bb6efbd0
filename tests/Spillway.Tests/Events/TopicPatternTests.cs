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

    private static IEnumerable<string> Lists(string[] segments, int length) =>
        length == 1 ? segments : Lists(segments, length - 1).SelectMany(list => segments.Select(segment => $"{list}/{segment}"));
}
