using Spillway.Access;

namespace Spillway.Tests.Access;

public sealed class OriginsReaderTests
{
    [Theory]
    [InlineData("https://app.example.com", "https://app.example.com")]
    [InlineData("HTTPS://App.Example.COM:443", "https://app.example.com")]
    [InlineData("http://app.example.com:80", "http://app.example.com")]
    [InlineData("http://app.example.com:443", "http://app.example.com:443")]
    [InlineData("http://127.0.0.1:5173", "http://127.0.0.1:5173")]
    [InlineData("http://[::1]:80", "http://[::1]")]
    [InlineData("http://[0:0::0:1]:5173", "http://[::1]:5173")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("capacitor://LocalHost", "capacitor://localhost")]
    [InlineData("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop")]
    public void Read_Origin_IsHeldAsBrowsersSayIt(string text, string said)
    {
        var faults = new List<string>();

        var origins = OriginsReader.Read(new AccessOptions { Origins = { text } }, faults);

        Assert.Empty(faults);
        Assert.True(origins.Has(said));
        Assert.False(origins.Has(said + ":1"));
        Assert.False(origins.Has(said.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("", "is no origin; write it like https://app.example.com")]
    [InlineData("app.example.com", "is no origin")]
    [InlineData("https://", "is no origin")]
    [InlineData("://app.example.com", "is no origin")]
    [InlineData("ht tp://app.example.com", "is no origin")]
    [InlineData("https://app example.com", "is no origin")]
    [InlineData("https://app.example.com:99999", "is no origin")]
    [InlineData("app://ho$t", "is no origin")]
    [InlineData("https://app.example.com/", "leave the rest out")]
    [InlineData("https://app.example.com/page", "leave the rest out")]
    [InlineData("https://app.example.com?x", "leave the rest out")]
    [InlineData("https://ann@app.example.com", "leave the rest out")]
    [InlineData("https://*.example.com", "has a wildcard")]
    [InlineData("null", "cannot be listed")]
    [InlineData("file://", "cannot be listed")]
    public void Read_NoOrigin_IsToldWithItsKeyAndValue(string text, string expected)
    {
        var faults = new List<string>();

        var origins = OriginsReader.Read(new AccessOptions { Origins = { "https://good.example", text } }, faults);

        var fault = Assert.Single(faults);
        Assert.StartsWith($"Spillway:Access:Origins:1 is \"{text}\", which ", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.Equal((true, false), (origins.Has("https://good.example"), origins.Has(text)));
    }

    [Theory]
    [InlineData(new[] { "https://a.example" }, null, true)]
    [InlineData(new[] { "https://a.example" }, true, true)]
    [InlineData(new[] { "https://a.example" }, false, false)]
    [InlineData(new[] { "*" }, null, false)]
    [InlineData(new[] { "*" }, false, false)]
    public void Read_Credentials_AreAllowedWhereOriginsAreNamedAndNobodySaysNo(string[] listed, bool? credentials, bool expected)
    {
        var faults = new List<string>();
        var options = new AccessOptions { OriginCredentials = credentials };
        Array.ForEach(listed, options.Origins.Add);

        Assert.Equal(expected, OriginsReader.Read(options, faults).AllowCredentials);
        Assert.Empty(faults);
    }

    [Fact]
    public void FindFaults_EverybodyWithTheCookieAndBesideOthers_IsRefused()
    {
        var options = new SpillwayOptions { Access = { OriginCredentials = true, Origins = { "*", "https://a.example" } } };

        var faults = SpillwayOptionsValidator.FindFaults(options);

        Assert.Equal(2, faults.Count);
        Assert.StartsWith("Spillway:Access:Origins has \"*\", which is everybody, beside others", faults[0], StringComparison.Ordinal);
        Assert.StartsWith("Spillway:Access:OriginCredentials is true, but Spillway:Access:Origins is \"*\"", faults[1], StringComparison.Ordinal);
    }
}
