using Spillway.Mercure.Urls;

namespace Spillway.Tests.Mercure.Urls;

public sealed class UrlHostTests
{
    [Theory]
    [InlineData("EXAMPLE.com", "example.com")]
    [InlineData("ex%61mple.com", "example.com")]
    [InlineData("Bücher.example", "xn--bcher-kva.example")]
    [InlineData("b%C3%BCcher.example", "xn--bcher-kva.example")]
    [InlineData("XN--bcher-KVA.example", "xn--bcher-kva.example")]
    [InlineData("faß.de", "xn--fa-hia.de")]
    [InlineData("日本。jp", "xn--wgv71a.jp")]
    [InlineData("a_b.ü", "a_b.xn--tda")]
    [InlineData("אב.example", "xn--4dbc.example")]
    [InlineData("ᎠᎡ.example", "xn--58dc.example")]
    [InlineData("1.2.3.4", "1.2.3.4")]
    [InlineData("1.2.3", "1.2.0.3")]
    [InlineData("0x7f.1", "127.0.0.1")]
    [InlineData("017700000001", "127.0.0.1")]
    [InlineData("4294967295.", "255.255.255.255")]
    [InlineData("1.2.3.4.example", "1.2.3.4.example")]
    [InlineData("[::]", "[::]")]
    [InlineData("[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]")]
    [InlineData("[1:0:2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]")]
    [InlineData("[::FFFF:1.2.3.4]", "[::ffff:102:304]")]
    [InlineData("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:0]")]
    public void Parse_Host_IsInItsCanonicalForm(string text, string expected)
    {
        Assert.Equal(expected, UrlHost.Parse(text, opaque: false));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a%00b")]
    [InlineData("a%zz")]
    [InlineData("a<b")]
    [InlineData("1.2.3.256")]
    [InlineData("256.1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("4294967296")]
    [InlineData("08.1")]
    [InlineData("a.0x1")]
    [InlineData("[::1")]
    [InlineData("[:1]")]
    [InlineData("[1::2::3]")]
    [InlineData("[1:2:3:4:5:6:7]")]
    [InlineData("[1:2:3:4::5:6:7:8]")]
    [InlineData("[::1.2.3]")]
    [InlineData("[::1.2.3.04]")]
    [InlineData("[12345::]")]
    [InlineData("xn--a")]
    [InlineData("xn--a-")]
    [InlineData("xn--9999999999")]
    public void Parse_WhatIsNoHost_IsNull(string text)
    {
        Assert.Null(UrlHost.Parse(text, opaque: false));
    }

    [Theory]
    [InlineData("ａ.example")] // Full width: it would become another letter.
    [InlineData("e\u0301.example")] // A letter and a mark that are one letter in form C.
    [InlineData("\u0301.example")]
    [InlineData("a\u00ADb.example")]
    [InlineData("İ.example")]
    [InlineData("אa.example")]
    [InlineData("1א.example")]
    [InlineData("א.1a")]
    [InlineData("\ud800.example")]
    public void Parse_LettersThatAreNotCertain_IsNull(string text)
    {
        Assert.Null(UrlHost.Parse(text, opaque: false));
    }

    [Theory]
    [InlineData("HOST", "HOST")]
    [InlineData("ü%", "%C3%BC%")]
    [InlineData("", "")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("a b", null)]
    [InlineData("a^b", null)]
    public void Parse_HostOfAnotherScheme_IsKept(string text, string? expected)
    {
        Assert.Equal(expected, UrlHost.Parse(text, opaque: true));
    }
}
