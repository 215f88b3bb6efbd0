using System.Text;
using Spillway.Mercure.Patterns;
using Spillway.TestKit;
using Spillway.Tests.Tidy;

namespace Spillway.Tests.Mercure.Patterns;

/// <summary>M4 and M5 of the list of obligations: URL patterns of WHATWG, relative to the hub's URL, in linear time.</summary>
public sealed class UrlPatternTests
{
    private static readonly UrlForm Form = new(PatternCase.Hub);

    [Fact]
    public void Matches_FileOfCases_SaysWhatItSays()
    {
        var wrong = new List<string>();
        var cases = 0;
        foreach (var one in PatternCase.Read(Repository.Root))
        {
            cases += Math.Max(1, one.Topics.Count);
            if (!UrlPattern.TryParse(one.Pattern, Form, out var pattern, out var fault))
            {
                wrong.AddRange(one.IsRefused ? [] : [$"{one.Pattern} is refused: it {fault}."]);
                continue;
            }

            wrong.AddRange(one.IsRefused ? [$"{one.Pattern} is taken."] : []);
            wrong.AddRange(one.Topics.Where(topic => pattern.Matches(Encoding.UTF8.GetBytes(topic.Topic)) != topic.Matches).Select(topic => $"{one.Pattern} and {topic.Topic}"));
        }

        Assert.Empty(wrong);
        Assert.True(cases >= 300, $"The file has only {cases} cases.");
    }

    [Theory]
    [InlineData("https://example.com/books/:id", "https://example.com/books/")]
    [InlineData("https://example.com/books{/:id}?", "https://example.com/books")]
    [InlineData("https://example.com/{ab}+", "https://example.com/ab")]
    [InlineData("https://example.com:8443/*", "https://example.com:8443/")]
    [InlineData("https://example.com:*/a", "https://")]
    [InlineData("https://*.example.com/a", "https://")]
    [InlineData("https://u:p@bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC")]
    [InlineData("http{s}?://example.com/", "")]
    [InlineData("/books/*", "https://hub.example/books/")]
    [InlineData("urn:{/}?isbn\\:*", "urn:")]
    [InlineData("urn:*", "urn:")]
    [InlineData("file:///a/*", "file:///a/")]
    public void Prefix_ProtocolHostAndPortAreLiteral_IsWhatEveryUrlBeginsWith(string text, string expected)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(Parse(text).Prefix));
    }

    [Theory]
    [InlineData("https://example.com/{a", "has \"{\" without its \"}\"")]
    [InlineData("https://example.com/:a/:a", "has two groups named \"a\"")]
    [InlineData("https://example.com/(a(?=b))", "looks around, which cannot be matched in linear time")]
    [InlineData("https://example.com/(a\\1)", "refers back to a group, which cannot be matched in linear time")]
    [InlineData("https://exa mple.com/", "has \"exa mple.com\" in its hostname, which no URL has there")]
    [InlineData("https://example.com/((?:[a-z]{100}x){100})", "repeats more than this hub matches")]
    public void TryParse_WhatIsNoPattern_SaysWhatIsWrong(string text, string expected)
    {
        Assert.False(UrlPattern.TryParse(text, Form, out var pattern, out var fault));

        Assert.Null(pattern);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_LongerThanTheLimit_IsRefused()
    {
        Assert.True(UrlPattern.TryParse("/" + new string('a', 9), Form, out _, out _, maxLength: 10));

        Assert.False(UrlPattern.TryParse("/" + new string('a', 10), Form, out _, out var fault, maxLength: 10));
        Assert.Equal("has 11 characters; the limit is 10", fault);
    }

    [Fact]
    public void TryParse_MoreGroupsThanTheLimit_IsRefused()
    {
        static string WithGroups(int count) => "https://*.example.com" + string.Concat(Enumerable.Range(1, count - 1).Select(static i => $"/:a{i}"));

        Assert.True(UrlPattern.TryParse(WithGroups(UrlPattern.MaxGroups), Form, out _, out _));

        Assert.False(UrlPattern.TryParse(WithGroups(UrlPattern.MaxGroups + 1), Form, out _, out var fault));
        Assert.Equal($"has more than {UrlPattern.MaxGroups} groups", fault);
    }

    [Theory]
    [InlineData("https://example.com/((?:(?:a+)+)+)b")]
    [InlineData("https://example.com/([a-z]*)([a-z]*)([a-z]*)([a-z]*)([a-z]*)([a-z]*)([a-z]*)([a-z]*)b")]
    [InlineData("https://example.com/((?:a|a)*)b")]
    [InlineData("https://example.com/((?:a|aa)+)b")]
    [InlineData("https://example.com/:a+:b+:c+:d+-")]
    [InlineData("https://example.com/*a*a*a*a*a*a*a*a*b")]
    [InlineData("https://example.com/((?:a{1,20}){1,20})b")]
    public void Matches_PatternThatBacktrackingWouldNeverEnd_IsLinear(string text)
    {
        var topic = Encoding.UTF8.GetBytes("https://example.com/" + new string('a', 450));

        Assert.False(Parse(text).Matches(topic)); // An engine that backtracks would not come back from this in the lifetime of the machine.
    }

    [Fact]
    public void Name_HubOfALongUrl_IsNoLongerForThat()
    {
        var far = new UrlForm($"https://example.com/{new string('x', 1_000)}/hub");

        Assert.True(UrlPattern.TryParse("/a", far, out var pattern, out _));

        Assert.InRange(pattern.Name.Length, "/a".Length, "/a".Length + 24);
    }

    [Fact]
    public void Utf8_PatternOfAnotherTextOrHub_IsAnother()
    {
        var elsewhere = new UrlForm("https://elsewhere.example/hub");
        Assert.True(UrlPattern.TryParse("/a", elsewhere, out var other, out _));

        Assert.Equal(Parse("/a").Utf8, Parse("/a").Utf8);
        Assert.NotEqual(Parse("/a").Utf8, Parse("/b").Utf8);
        Assert.NotEqual(Parse("/a").Utf8, other.Utf8);
        Assert.Equal(1, Parse("/a").Utf8[0]);
        Assert.Equal("/a", Parse("/a").Text);
    }

    [Fact]
    public void Matches_ExpressionsAreShared_TellsTheTextBeforeThem()
    {
        var patterns = Enumerable.Range(0, 600).Select(static i => (Pattern: Parse($"https://example.com/b{i}/:id?/c"), Topic: $"https://example.com/b{i}/c")).ToArray();

        foreach (var (pattern, topic) in patterns)
        {
            Assert.True(pattern.Matches(Encoding.UTF8.GetBytes(topic)));
            Assert.False(pattern.Matches(Encoding.UTF8.GetBytes(topic.Replace("/b", "/x", StringComparison.Ordinal))));
            Assert.False(pattern.Matches("https://example.com/c"u8));
        }
    }

    [Fact]
    public void Of_Topic_IsItsUrlWithoutUser()
    {
        Assert.Equal("https://example.com/b", Encoding.UTF8.GetString(Form.Of("https://u:p@EXAMPLE.com/a/../b"u8)!));
        Assert.Equal("https://hub.example/.well-known/b", Encoding.UTF8.GetString(Form.Of("b"u8)!));
        Assert.Null(Form.Of("https://a b/"u8));
    }

    [Fact]
    public void Matches_ManyTopicsAndHubs_RemembersNoneForAnother()
    {
        var elsewhere = new UrlForm("https://elsewhere.example/hub");
        Assert.True(UrlPattern.TryParse("https://elsewhere.example/:id", elsewhere, out var there, out _));
        var here = Parse("https://hub.example/.well-known/:id");

        for (var i = 0; i < 100; i++)
        {
            var topic = Encoding.UTF8.GetBytes($"t{i % 30}");
            Assert.True(here.Matches(topic));
            Assert.True(there.Matches(topic));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/relative")]
    [InlineData("urn:hub")]
    public void Constructor_NoUrlOfAHub_Throws(string hubUrl)
    {
        Assert.Throws<ArgumentException>(() => new UrlForm(hubUrl));
    }

    private static UrlPattern Parse(string text)
    {
        Assert.True(UrlPattern.TryParse(text, Form, out var pattern, out var fault), $"{text} {fault}");
        return pattern;
    }
}
