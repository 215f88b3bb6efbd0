using Spillway.Access;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Mercure;

/// <summary>What a ticket of the Mercure hub allows, how long, and who gets one. Numbers are those of what a hub owes.</summary>
public sealed class MercureTicketTests
{
    private static readonly string Draft = MercureTokens.Draft($"[{MercureTokens.Detail("\"publish\",\"subscribe\"", """{"match":"a"}""")}]");

    [Fact]
    public async Task A9_TokenEnds_TheTicketEndsAtExpAndNotLater()
    {
        await using var rig = new MercureRig();
        var end = DateTimeOffset.FromUnixTimeSeconds(TokenRig.Seconds + 60);
        await rig.ServeAsync(Draft);
        Assert.Equal(end, rig.Served!.Ticket.Expires);
        var classic = MercureTokens.Subscriber("\"*\"", $"\"exp\":{TokenRig.Seconds + 60}");
        await rig.ServeAsync(classic);
        Assert.Equal(end, rig.Served!.Ticket.Expires);

        rig.Clock.Advance(TimeSpan.FromSeconds(60));

        foreach (var token in new[] { Draft, classic })
        {
            await rig.ServeAsync(token);

            rig.AssertRefused(401, "invalid_token", token);
        }

        Assert.Equal(2, rig.Metrics.Sum("spillway.access.refused_requests", "expired"));
    }

    [Fact]
    public async Task Anonymous_WhereOptionsSaySo_SubscribesToWhatIsPublicAndNeverPublishes()
    {
        await using var rig = new MercureRig(static options => options.Mercure.Anonymous = true);

        await rig.ServeAsync();

        Assert.Equal((null, true, true), (rig.Served!.Dialect, rig.Served.Subscribe.IsEmpty, rig.Served.Publish.IsEmpty));
        rig.Ask();
        await rig.ServeAsync(publishing: true);
        rig.AssertRefused(401, "");
    }

    [Fact]
    public async Task Roles_KeyOfTheOther_IsNotTaken()
    {
        await using var rig = new MercureRig();
        await rig.ServeAsync(MercureTokens.Publisher());
        rig.AssertRefused(401, "invalid_token");
        await rig.ServeAsync(MercureTokens.Subscriber(), publishing: true);
        rig.AssertRefused(401, "invalid_token");

        await rig.ServeAsync(MercureTokens.Publisher(), publishing: true);
        Assert.True(rig.Served?.Publish.AllowsAll);
        await rig.ServeAsync(MercureTokens.Subscriber());
        Assert.True(rig.Served?.Subscribe.AllowsAll);
    }

    [Theory]
    [InlineData(MercureDialects.Draft8, true, false)]
    [InlineData(MercureDialects.Classic, false, true)]
    public async Task Dialects_OneIsOff_ItsTokensCookiesAndMetadataAreNotThere(MercureDialects dialects, bool takesDraft, bool takesClassic)
    {
        await using var rig = new MercureRig(options => options.Mercure.Dialects = dialects);

        await rig.ServeAsync(Draft);
        Assert.Equal(takesDraft, rig.Served is not null);
        await rig.ServeAsync(MercureTokens.Subscriber());
        Assert.Equal(takesClassic, rig.Served is not null);
        rig.Ask();
        rig.Headers.Cookie = $"{(takesDraft ? "mercureAuthorization" : "__Secure-mercure_access_token")}=nonsense";
        await rig.ServeAsync();

        Assert.Equal(401, rig.Context.Response.StatusCode);
        Assert.DoesNotContain("error", rig.Challenge, StringComparison.Ordinal);
        Assert.Equal(takesDraft, rig.Challenge.Contains("resource_metadata", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(RevocationKind.Subject, "ann")]
    [InlineData(RevocationKind.Token, "7")]
    public async Task Revocation_OfASubjectOrAToken_HoldsHereToo(object kind, string name)
    {
        await using var rig = new MercureRig();
        var token = MercureTokens.Subscriber("\"*\"", """ "sub":"ann","jti":"7" """);
        await rig.ServeAsync(token);
        var before = rig.Served!.Ticket;

        rig.Revocations.TryAdd(new Revocation((RevocationKind)kind, name, rig.Clock.GetUtcNow(), null));

        Assert.True(before.IsRevoked);
        await rig.ServeAsync(token);
        rig.AssertRefused(401, "invalid_token", token);
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.refused_requests", "revoked"));
    }

    [Fact]
    public async Task Bindings_OfTheHubsOwnClaim_HoldHereToo()
    {
        await using var rig = new MercureRig();
        var details = $"[{MercureTokens.Detail("\"subscribe\"", """{"match":"*"}""")}]";
        var token = MercureTokens.Draft("", payload: MercureTokens.DraftPayload(details, """ "spillway":{"client":"kiosk-7","publish":["**"],"admin":true} """));

        await rig.ServeAsync(token);
        rig.AssertRefused(401, "invalid_token", token);
        rig.Ask();
        (rig.Headers.Authorization, rig.Headers[AccessGate.ClientHeader]) = ("Bearer " + token, "kiosk-7");
        await rig.ServeAsync();

        Assert.True(rig.Served!.Subscribe.AllowsAll);
        Assert.Equal((false, true, true), (rig.Served.Ticket.Admin, rig.Served.Ticket.Publish.IsEmpty, rig.Served.Publish.IsEmpty)); // What it grants in the hub's own words is not for here.
    }

    [Fact]
    public async Task Expose_PagesOfOtherOrigins_MayReadTheHeadersOfMercure()
    {
        await using var rig = new MercureRig();
        rig.Context.Response.Headers.AccessControlExposeHeaders = "Retry-After"; // By the guard of origins, which is before.
        await rig.ServeAsync();
        Assert.Equal("Retry-After, Mercure-Last-Event-ID, Last-Event-ID, Link", rig.Context.Response.Headers.AccessControlExposeHeaders.ToString());

        await rig.ServeAsync(Draft);

        Assert.Empty(rig.Context.Response.Headers.AccessControlExposeHeaders.ToString()); // Nobody may read any.
    }

    [Fact]
    public async Task Gate_WithoutAMercureHub_HasNothingToTellOrToChange()
    {
        await using var rig = new MercureRig(static options => options.Mercure.Enabled = false);

        rig.Gate.TellStart();

        Assert.Null(rig.Gate.Metadata);
        Assert.False(rig.Reload());
        Assert.Empty(rig.Logs.Lines);
    }
}
