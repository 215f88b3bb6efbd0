using Spillway.Access;

namespace Spillway.Tests.Access;

public sealed class AccessSetupTests
{
    [Fact]
    public void FindFaults_TokensAndNobodyToLetIn_IsOne()
    {
        var options = new AccessOptions { Mode = AccessMode.Tokens };
        var before = AccessSetup.FindFaults(options);
        options.Anonymous.Subscribe.Add("a");

        Assert.Contains("nobody could be let in", Assert.Single(before), StringComparison.Ordinal);
        Assert.Empty(AccessSetup.FindFaults(options));
        Assert.Empty(AccessSetup.FindFaults(new AccessOptions()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("spk_0123456789abcdef0123456789abcdef")]
    [InlineData("zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef00")]
    public void FindFaults_HashIsNone_IsToldWithoutIt(string hash)
    {
        var options = new AccessOptions { ApiKeys = { new ApiKeyOptions { Id = "a", Sha256 = hash } } };

        var fault = Assert.Single(AccessSetup.FindFaults(options));

        Assert.StartsWith("Spillway:Access:ApiKeys:0:Sha256 is not 64 hexadecimal digits", fault, StringComparison.Ordinal);
        Assert.True(hash.Length == 0 || !fault.Contains(hash, StringComparison.Ordinal));
    }

    [Fact]
    public void FindFaults_BadGrantsKeysAndCookie_AreAllTold()
    {
        var options = new AccessOptions { Cookie = "a b", TokenGrants = 1 };
        var hash = GateRig.HashOf(GateRig.Key);
        options.Anonymous.Publish.Add("a/**/b");
        options.ApiKeys.Add(new ApiKeyOptions { Id = "old", Sha256 = hash, Subscribe = { "a", "b" } });
        options.ApiKeys.Add(new ApiKeyOptions { Id = "new", Sha256 = hash.ToLowerInvariant() });

        var faults = AccessSetup.FindFaults(options);

        string[] expected = ["Spillway:Access:ApiKeys:0:Subscribe ", "Spillway:Access:ApiKeys:1:Sha256 ", "Spillway:Access:Anonymous:Publish ", "Spillway:Access:Cookie "];
        Assert.Equal(expected.Length, faults.Count);
        Assert.All(expected.Zip(faults), static pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }
}
