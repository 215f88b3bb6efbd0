using Spillway.Access;
using Spillway.Tests.Transports.Sse;

namespace Spillway.Tests.Transports;

/// <summary>Requests that ask for more than is granted: the hub is asked for what is.</summary>
public sealed class GrantedRequestTests
{
    private const string Body = """{"topics":["a"],"patterns":["b/**"]}""";

    [Theory]
    [InlineData("GET", "?topic=a&pattern=b/**", null, "text/event-stream")]
    [InlineData("GET", "?topic=a&pattern=b/**&last=1", null, "application/json")]
    [InlineData("QUERY", "", Body, "text/event-stream")]
    [InlineData("POST", "", Body, "text/event-stream")]
    [InlineData("POST", "", Body, "application/json")]
    public async Task HandleAsync_GrantedInPart_AsksForThat(string method, string query, string? body, string accept)
    {
        using var call = Call(method, query, body, accept, "a", "b/*/open", "c");

        await call.ChooseAsync();

        Assert.Equal(200, call.Response.StatusCode);
        Assert.Equal((1, "b/*/open"), (call.Hub.Asked!.Selectors.Topics.Count, Assert.Single(call.Hub.Asked.Selectors.Patterns).Text));
    }

    [Theory]
    [InlineData("GET", "?topic=a&pattern=b/**", null, "text/event-stream", "topic", "a")]
    [InlineData("POST", "", """{"topics":["c"],"patterns":["d/**"]}""", "text/event-stream", "pattern", "d/**")]
    [InlineData("POST", "", """{"patterns":["d/**"]}""", "application/json", "pattern", "d/**")]
    public async Task HandleAsync_NotGranted_Is403AndTheHubIsNotAsked(string method, string query, string? body, string accept, string field, string value)
    {
        using var call = Call(method, query, body, accept, "b/**", "c");

        await call.ChooseAsync();

        Assert.Equal((403, "urn:spillway:problem:not-granted"), (call.Response.StatusCode, call.Problem.GetProperty("type").GetString()));
        Assert.Equal((field, value), (call.Problem.GetProperty("field").GetString(), call.Problem.GetProperty("value").GetString()));
        Assert.Equal("Bearer realm=\"spillway\", error=\"insufficient_scope\"", call.Response.Headers.WWWAuthenticate.ToString());
        Assert.Null(call.Hub.Asked);
        Assert.Equal(1, call.Refused("not-granted"));
    }

    [Fact]
    public async Task HandleAsync_ReductionIsTooLarge_Is403ThatNamesTheOption()
    {
        using var call = Call("GET", "?pattern=**", null, "text/event-stream", "a", "b", "c");
        call.Options.Limits.SelectorsInBody = 2;

        await call.ChooseAsync();

        Assert.Equal((403, "Limits:SelectorsInBody", 2), (call.Response.StatusCode, call.Problem.GetProperty("option").GetString(), call.Problem.GetProperty("limit").GetInt32()));
    }

    [Fact]
    public async Task HandleAsync_GrantedAsAWhole_SharesTheFeedOfOthersWhoAskForTheSame()
    {
        using var call = Call("GET", "?pattern=b/*", null, "text/event-stream", "b/**", "b/c");

        await call.ChooseAsync();

        Assert.Equal("b/*", Assert.Single(call.Hub.Asked!.Selectors.Patterns).Text);
    }

    private static SubscribeCall Call(string method, string query, string? body, string accept, params string[] grants)
    {
        Assert.True(GrantSet.TryCreate(grants, 10, out var set, out var fault), fault);
        var call = new SubscribeCall(method, query, body) { Ticket = new AccessTicket { Subject = "ann", Subscribe = set } };
        call.RequestHeaders.Accept = accept;
        return call;
    }
}
