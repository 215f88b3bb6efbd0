using Spillway.Access;

namespace Spillway.Tests.Access;

public sealed class ApiKeyRingTests
{
    [Fact]
    public void Find_KeysOfOnePublisher_AreBothGoodWhileOneTakesTheOthersPlace()
    {
        var options = new AccessOptions();
        options.ApiKeys.Add(new ApiKeyOptions { Id = "billing", Sha256 = GateRig.HashOf("spk_old"), Publish = { "a" } });
        options.ApiKeys.Add(new ApiKeyOptions { Id = "billing", Sha256 = GateRig.HashOf("spk_new").ToLowerInvariant(), Publish = { "a", "b" } });

        var ring = AccessSetup.ReadKeys(options, []);

        Assert.Equal(2, ring.Count);
        Assert.Equal(("billing", false), (ring.Find("spk_old")!.ApiKey, ring.Find("spk_old")!.Publish.Allows("b"u8)));
        Assert.Equal(("billing", true), (ring.Find("spk_new")!.ApiKey, ring.Find("spk_new")!.Publish.Allows("b"u8)));
        Assert.Null(ring.Find("spk_"));
        Assert.Null(ring.Find(GateRig.HashOf("spk_old"))); // The hash opens nothing.
    }
}
