using Microsoft.AspNetCore.Http;
using Spillway.Access;

namespace Spillway.Tests.Mercure;

/// <summary>The host's own say counts at the Mercure hub as everywhere: before any token.</summary>
public sealed class MercureCallbackTests
{
    [Fact]
    public async Task Decision_IsWhatIsGrantedInTheHubsOwnWords()
    {
        await using var rig = new MercureRig(callback: new Callback(new AccessDecision { Subject = "ann", Subscribe = ["news/*", "a"], Publish = ["**"] }));

        await rig.ServeAsync("nonsense");

        var ticket = rig.Served!;
        Assert.Equal(("ann", CredentialKind.Host, null), (ticket.Ticket.Subject, ticket.Ticket.Kind, ticket.Dialect));
        Assert.Equal((true, true, false, true), (ticket.Subscribe.Allows("news/1"u8), ticket.Subscribe.Allows("a"u8), ticket.Subscribe.Allows("b"u8), ticket.Publish.AllowsAll));
        Assert.Equal(["a"], ticket.Subscribe.Topics.Select(System.Text.Encoding.UTF8.GetString));
        Assert.Equal(["news/*"], ticket.Subscribe.Patterns.Select(static pattern => pattern.Text));
    }

    [Fact]
    public async Task Refusal_HoldsAgainstAGoodToken()
    {
        await using var rig = new MercureRig(callback: new Callback(AccessDecision.Refuse("Not today.")));

        await rig.ServeAsync(MercureTokens.Subscriber());

        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task Nothing_LeavesItToTheToken()
    {
        await using var rig = new MercureRig(callback: new Callback(null));

        await rig.ServeAsync(MercureTokens.Subscriber());
        Assert.True(rig.Served?.Subscribe.AllowsAll);
        await rig.ServeAsync("nonsense");

        rig.AssertRefused(401, "invalid_token");
    }

    private sealed class Callback(AccessDecision? decision) : IAccessCallback
    {
        public ValueTask<AccessDecision?> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken) => new(decision);
    }
}
