using Spillway.Access;
using Spillway.History;
using Spillway.Operations;
using Spillway.TestKit;

namespace Spillway.Tests.Operations;

public sealed class TopicsEndpointTests
{
    private static readonly long Time = new DateTimeOffset(2026, 1, 31, 8, 0, 0, 5, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public async Task HandleAsync_FewTopics_ListsThemWithoutNext()
    {
        var request = await AskAsync("", new TopicSummary("a/1", 3, Time, false), new TopicSummary("größe", 0, Time, true));

        Assert.Equal(
            """{"topics":[{"topic":"a/1","events":3,"lastTime":"2026-01-31T08:00:00.005Z","ended":false},{"topic":"größe","events":0,"lastTime":"2026-01-31T08:00:00.005Z","ended":true}],"next":null}""",
            request.Text);
    }

    [Fact]
    public async Task HandleAsync_MoreThanTheLimit_PagesToTheEnd()
    {
        TopicSummary[] topics = [.. Enumerable.Range(0, 5).Select(static i => new TopicSummary($"a/{i}", 1, Time, false))];

        var first = await AskAsync("?limit=2&prefix=a/", topics);
        var second = await AskAsync("?limit=2&prefix=a/&after=a/1", topics);
        var third = await AskAsync("?limit=2&prefix=a/&after=a/3", topics);

        Assert.Equal("a/0 a/1, next a/1", Page(first));
        Assert.Equal("a/2 a/3, next a/3", Page(second));
        Assert.Equal("a/4, next ", Page(third));
    }

    [Fact]
    public async Task HandleAsync_NoLimit_Lists100()
    {
        var request = await AskAsync("?_=1", [.. Enumerable.Range(1_000, 101).Select(static i => new TopicSummary($"{i}", 1, Time, false))]);

        Assert.Equal(100, request.Json.GetProperty("topics").GetArrayLength());
        Assert.EndsWith(" 1099, next 1099", Page(request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?limit=0", "limit", "0")]
    [InlineData("?limit=1001", "limit", "1001")]
    [InlineData("?limit=-1", "limit", "-1")]
    [InlineData("?limit=x", "limit", "x")]
    [InlineData("?limit=", "limit", "")]
    [InlineData("?limit=1&limit=2", "limit", "1,2")]
    [InlineData("?prefx=a", "prefx", "a")]
    public async Task HandleAsync_BadParameter_Is400ThatNamesIt(string query, string field, string value)
    {
        var request = await AskAsync(query);

        Assert.Equal(400, request.Context.Response.StatusCode);
        Assert.Equal("urn:spillway:problem:invalid-parameter", request.Json.GetProperty("type").GetString());
        Assert.Equal((field, value), (request.Json.GetProperty("field").GetString(), request.Json.GetProperty("value").GetString()));
        Assert.StartsWith($"The parameter \"{field}\" is ", request.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "a/1 a/3 b, next ", "a/*", "b")]
    [InlineData("?limit=2", "a/1 a/3, next a/3", "a/*", "b")]
    [InlineData("?limit=2&after=a/3", "b, next ", "a/*", "b")]
    [InlineData("?limit=1&after=a/0", "a/1, next a/1", "a/*", "b")]
    [InlineData("?prefix=a/", "a/1 a/3, next ", "a/*", "b")]
    [InlineData("?prefix=c", ", next ", "a/*", "b")]
    [InlineData("", "c/1/x, next ", "c/**")]
    [InlineData("?prefix=c/2", ", next ", "c/1/**")]
    [InlineData("", ", next ", "z")]
    [InlineData("", ", next ")]
    public async Task HandleAsync_NoOperator_SeesWhatItMaySubscribeToAndNoOtherName(string query, string page, params string[] grants)
    {
        Assert.True(GrantSet.TryCreate(grants, 10, out var set, out _));
        string[] topics = ["a", "a/1", "a/2/x", "a/3", "b", "c/1/x", "d"];

        var request = await AskAsync(new AccessTicket { Subscribe = set }, query, [.. topics.Select(static topic => new TopicSummary(topic, 1, Time, false))]);

        Assert.Equal(page, Page(request));
    }

    [Fact]
    public async Task HandleAsync_NoOperatorAmongThousandsOfOtherTopics_FindsItsOwn()
    {
        Assert.True(GrantSet.TryCreate(["*/mine"], 10, out var set, out _));
        var history = new FixedHistory([.. Enumerable.Range(10_000, 5_000).Select(static i => new TopicSummary(i % 2_000 == 1_999 ? $"{i}/mine" : $"{i}/others", 1, Time, false))]);

        var request = await AskAsync(new AccessTicket { Subscribe = set }, "?limit=2", history);

        Assert.Equal("11999/mine 13999/mine, next ", Page(request));
        Assert.Equal(1, history.Lists); // Each look goes through all that is kept.
    }

    [Fact]
    public async Task HandleAsync_PrefixLongerThanATopic_Is400()
    {
        var longest = await AskAsync("?prefix=" + new string('a', 512));
        var longer = await AskAsync("?prefix=" + new string('a', 513));

        Assert.Equal((200, 400), (longest.Context.Response.StatusCode, longer.Context.Response.StatusCode));
    }

    private static Task<OperationsRequest> AskAsync(string query, params TopicSummary[] topics) => AskAsync(AccessTicket.Everything, query, topics);

    private static Task<OperationsRequest> AskAsync(AccessTicket ticket, string query, params TopicSummary[] topics) => AskAsync(ticket, query, new FixedHistory(topics));

    private static async Task<OperationsRequest> AskAsync(AccessTicket ticket, string query, FixedHistory history)
    {
        var request = new OperationsRequest(history, query);
        await TopicsEndpoint.HandleAsync(request.Context, ticket);
        return request;
    }

    private static string Page(OperationsRequest request)
    {
        var topics = request.Json.GetProperty("topics").EnumerateArray().Select(static topic => topic.GetProperty("topic").GetString());
        return $"{string.Join(' ', topics)}, next {request.Json.GetProperty("next").GetString()}";
    }
}
