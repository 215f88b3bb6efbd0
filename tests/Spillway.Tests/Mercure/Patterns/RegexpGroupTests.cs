using System.Text.RegularExpressions;
using Spillway.Mercure.Patterns;

namespace Spillway.Tests.Mercure.Patterns;

public sealed class RegexpGroupTests
{
    [Theory]
    [InlineData("a{2,3}?", "aa aaa", "a aaaa")]
    [InlineData("(?:ab|c)+", "ab c abcab", "a abd")]
    [InlineData("[[a-c]--[b]]", "a c", "b d")]
    [InlineData("[[a-c]&&[b-z]]", "b c", "a z")]
    [InlineData("[^[a-c][x]]", "2 w", "a x")]
    [InlineData("[\\w\\-]+", "a-1_", "a.")]
    [InlineData("[a\\-c]", "a - c", "b")]
    [InlineData("\\x41\\cJ?\\u{42}\\u0043", "ABC", "AB")]
    [InlineData("\\S\\D\\W", "aa-", "a1- aaa")]
    [InlineData("\\p{Ll}\\P{L}", "a1", "A1 ab")]
    [InlineData("a|", "a", "b")]
    [InlineData("\\.\\/\\[\\^", "./[^", "a/[^")]
    [InlineData("", "", "a")]
    public void TryTranslate_Expression_MatchesWhatItMatchedBefore(string text, string matches, string others)
    {
        Assert.True(RegexpGroup.TryTranslate(text, out var translated, out var fault), fault);
        var regex = new Regex($@"\A(?:{translated})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

        Assert.All(matches.Split(' '), topic => Assert.Matches(regex, topic));
        Assert.All(others.Split(' ', StringSplitOptions.RemoveEmptyEntries), topic => Assert.DoesNotMatch(regex, topic));
    }

    [Theory]
    [InlineData("a**", "out of its place")]
    [InlineData("a{2,1}", "a count that is none")]
    [InlineData("a{101}", "counts further than 100")]
    [InlineData("(?:a{100}){100}", "repeats more than this hub matches")]
    [InlineData("(?:a", "without its \")\"")]
    [InlineData("a)", "out of its place")]
    [InlineData("[a", "without its \"]\"")]
    [InlineData("[b-a]", "a range")]
    [InlineData("[a&&b--c]", "mixes operators")]
    [InlineData("[(]", "out of its place in a class")]
    [InlineData("[a!!b]", "out of its place in a class")]
    [InlineData("\\1", "refers back")]
    [InlineData("\\k<a>", "refers back")]
    [InlineData("(?=a)", "looks around")]
    [InlineData("(?<!a)", "looks around")]
    [InlineData("(?<a>a)", "another kind")]
    [InlineData("(?i:a)", "another kind")]
    [InlineData("\\y", "says nothing")]
    [InlineData("\\u12", "hexadecimal")]
    [InlineData("\\u{110000}", "no character")]
    [InlineData("\\p{Greek}", "does not know")]
    [InlineData("[\\q{ab}]", "strings in a class")]
    [InlineData("^*", "out of its place")]
    public void TryTranslate_WhatIsNoneOrNotLinear_SaysWhy(string text, string expected)
    {
        Assert.False(RegexpGroup.TryTranslate(text, out _, out var fault));

        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryTranslate_NestedTooDeep_IsRefused()
    {
        Assert.False(RegexpGroup.TryTranslate(string.Concat(Enumerable.Repeat("(?:", 40)) + "a" + new string(')', 40), out _, out var groups));
        Assert.False(RegexpGroup.TryTranslate(new string('[', 40) + "a" + new string(']', 40), out _, out var classes));

        Assert.Contains("deeper than 32", groups, StringComparison.Ordinal);
        Assert.Contains("deeper than 32", classes, StringComparison.Ordinal);
    }
}
