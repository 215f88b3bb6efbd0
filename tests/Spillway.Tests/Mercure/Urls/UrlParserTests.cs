using Spillway.Mercure.Urls;
using Spillway.TestKit;

namespace Spillway.Tests.Mercure.Urls;

public sealed class UrlParserTests
{
    private static readonly Url Hub = Parse("https://u:p@hub.example:8443/a/b?q#f");

    [Theory]
    [InlineData("HTTPS://EXAMPLE.com:443/a/../b?c#d", "https://example.com/b?c#d")]
    [InlineData("  https://example.com\t/a\n ", "https://example.com/a")]
    [InlineData("https:example.com", "https://u:p@hub.example:8443/a/example.com")]
    [InlineData("http:example.com", "http://example.com/")]
    [InlineData("http:\\\\example.com\\a", "http://example.com/a")]
    [InlineData("http://a:b:c@d@example.com/", "http://a:b%3Ac%40d@example.com/")]
    [InlineData("https://example.com/ü b\"<>`{}^|'", "https://example.com/%C3%BC%20b%22%3C%3E%60%7B%7D%5E|'")]
    [InlineData("https://example.com/?'ü\"#'ü`", "https://example.com/?%27%C3%BC%22#'%C3%BC%60")]
    [InlineData("x://h/?'", "x://h/?'")]
    [InlineData("https://example.com/%2e/%2E%2e/a/..", "https://example.com/")]
    [InlineData("c", "https://u:p@hub.example:8443/a/c")]
    [InlineData("/c", "https://u:p@hub.example:8443/c")]
    [InlineData("//c", "https://c/")]
    [InlineData("../../../c", "https://u:p@hub.example:8443/c")]
    [InlineData("?c", "https://u:p@hub.example:8443/a/b?c")]
    [InlineData("#c", "https://u:p@hub.example:8443/a/b?q#c")]
    [InlineData("", "https://u:p@hub.example:8443/a/b?q")]
    [InlineData("urn:isbn:0 1?a#b c", "urn:isbn:0 1?a#b%20c")]
    [InlineData("data:a  ?b", "data:a %20?b")]
    [InlineData("x:/a/../b", "x:/b")]
    [InlineData("x:/..//b", "x:/.//b")]
    [InlineData("x://HOST:80/a", "x://HOST:80/a")]
    [InlineData("x:///a", "x:///a")]
    [InlineData("file:c:\\a\\..\\..", "file:///c:/")]
    [InlineData("file://localhost/C|/a", "file:///C:/a")]
    [InlineData("file://server/a", "file://server/a")]
    [InlineData("file:///a/b", "file:///a/b")]
    public void TryParse_Url_IsInItsCanonicalForm(string text, string expected)
    {
        Assert.Equal(expected, Parse(text).ToText());
        Assert.Equal(expected, Parse(expected).ToText());
    }

    [Theory]
    [InlineData("https://")]
    [InlineData("https://:80/")]
    [InlineData("https://u@/")]
    [InlineData("https://example.com:65536/")]
    [InlineData("https://example.com:8a/")]
    [InlineData("https://exa mple.com/")]
    [InlineData("https://[::1/")]
    [InlineData("x://a b/")]
    public void TryParse_WhatIsNoUrl_IsRefused(string text)
    {
        Assert.False(UrlParser.TryParse(text, Hub, out var url));
        Assert.Null(url);
    }

    [Theory]
    [InlineData("/a", null)]
    [InlineData("a", "urn:b")]
    [InlineData("?a", "urn:b")]
    [InlineData("", "urn:b")]
    public void TryParse_RelativeToWhatHasNoSegments_IsRefused(string text, string? against)
    {
        Assert.False(UrlParser.TryParse(text, against is null ? null : Parse(against), out _));
    }

    [Fact]
    public void TryParse_HashRelativeToAnOpaquePath_IsTaken()
    {
        Assert.True(UrlParser.TryParse("#c", Parse("urn:a?b#x"), out var url));

        Assert.Equal("urn:a?b#c", url.ToText());
    }

    [Fact]
    public void ToText_WithoutCredentials_NamesNoUser()
    {
        Assert.Equal("https://hub.example:8443/a/b?q#f", Hub.ToText(credentials: false));
    }

    [Fact]
    public void TryParse_Noise_NeverThrowsAndIsReadBackAsItIsWritten()
    {
        var noise = new RandomPatterns(1);

        for (var i = 0; i < 20_000; i++)
        {
            var text = noise.Noise();
            if (UrlParser.TryParse(text, Hub, out var url))
            {
                Assert.True(url.ToText().All(char.IsAscii), text);
                Assert.True(Parse(url.ToText()) == url, $"{text} is {url}, which is read as {Parse(url.ToText())}.");
            }
        }
    }

    private static Url Parse(string text)
    {
        Assert.True(UrlParser.TryParse(text, Hub, out var url), text);
        return url;
    }
}
