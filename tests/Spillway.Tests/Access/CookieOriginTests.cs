using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;

namespace Spillway.Tests.Access;

/// <summary>The cookie on requests of pages of other origins, at endpoints that are shared with those and at others. AccessGateTests has the hub's own.</summary>
public sealed class CookieOriginTests
{
    private const string Listed = "https://app.example";

    [Theory]
    [InlineData(Listed, "cross-site", true)]
    [InlineData(Listed, "same-site", true)]
    [InlineData(Listed, null, true)]
    [InlineData("https://evil.example", null, false)]
    [InlineData("https://app.example:8443", null, false)]
    [InlineData("null", "cross-site", false)]
    public async Task ServeAsync_PageOfAnotherOrigin_MayUseTheCookieIfThatIsNamed(string origin, string? site, bool isGood)
    {
        await using var rig = Ask(origin, site);
        Share(rig, new AccessOptions { Origins = { Listed } });

        await rig.ServeAsync();

        AssertServed(rig, isGood);
    }

    [Fact]
    public async Task ServeAsync_CredentialsAreOff_NamedOriginsMayNotUseTheCookie()
    {
        await using var rig = Ask(Listed, null);
        Share(rig, new AccessOptions { Origins = { Listed }, OriginCredentials = false });

        await rig.ServeAsync();

        AssertServed(rig, isGood: false);
    }

    [Fact]
    public async Task ServeAsync_EveryOriginIsListed_NoneMayUseTheCookie()
    {
        await using var rig = Ask("https://anybody.example", null);
        Share(rig, new AccessOptions { Origins = { "*" } });

        await rig.ServeAsync();

        AssertServed(rig, isGood: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServeAsync_EndpointOfOperators_IsForPagesOfTheHubAlone(bool hasEndpoint)
    {
        await using var rig = Ask(Listed, null);
        rig.Context.SetEndpoint(hasEndpoint ? new Endpoint(null, EndpointMetadataCollection.Empty, null) : null);

        await rig.ServeAsync();

        AssertServed(rig, isGood: false);
    }

    private static GateRig Ask(string origin, string? site)
    {
        var rig = new GateRig();
        rig.Headers.Cookie = $"spillway-token={GateRig.Token()}";
        rig.Headers.Origin = origin;
        if (site is not null)
        {
            rig.Headers["Sec-Fetch-Site"] = site;
        }

        return rig;
    }

    private static void Share(GateRig rig, AccessOptions access)
    {
        var guard = new OriginsGuard(Options.Create(new SpillwayOptions { Access = access }), rig.Journal);
        rig.Context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection(guard), null));
    }

    private static void AssertServed(GateRig rig, bool isGood)
    {
        Assert.Equal((isGood, isGood ? 200 : 403), (rig.Served is not null, rig.Status));
        Assert.Equal(isGood ? 0 : 1, rig.Metrics.Sum("spillway.access.refused_requests", "foreign-origin"));
    }
}
