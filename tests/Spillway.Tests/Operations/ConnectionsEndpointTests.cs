namespace Spillway.Tests.Operations;

public sealed class ConnectionsEndpointTests
{
    [Fact]
    public async Task ListAsync_PagesOverSeveralLoops_HaveEachConnectionOnce()
    {
        await using var rig = new AdminRig(loops: 3);
        for (var i = 0; i < 25; i++)
        {
            await rig.ConnectAsync(i % 5 == 0 ? null : $"user {i % 2}", i % 3 == 0 ? "a" : "b/*");
        }

        var (pages, ids, next) = (0, new List<string>(), "0-0");
        while (next is not null)
        {
            var (status, page) = await rig.AskAsync(rig.Connections.ListAsync, $"?limit=4&after={next}");
            Assert.Equal(200, status);
            ids.AddRange(page.GetProperty("connections").EnumerateArray().Select(static one => one.GetProperty("connection").GetString()!));
            next = page.GetProperty("next").GetString();
            pages++;
        }

        Assert.Equal((25, 25), (ids.Count, ids.Distinct().Count()));
        Assert.InRange(pages, 7, 8);
        Assert.Equal("operator at 255.255.255.255: list connections", rig.Audit[..45]);
    }

    [Theory]
    [InlineData("?subject=ann", 2)]
    [InlineData("?subject=Ann", 0)]
    [InlineData("?topic=b/1", 2)]
    [InlineData("?topic=a&subject=bob", 1)]
    [InlineData("?state=live", 4)]
    [InlineData("?state=slow", 0)]
    [InlineData("?state=replay", 0)]
    [InlineData("?state=ending", 0)]
    [InlineData("?_=x", 4)]
    public async Task ListAsync_Filter_ListsThoseAlone(string query, int count)
    {
        await using var rig = new AdminRig(loops: 2);
        await rig.ConnectAsync("ann", "a");
        await rig.ConnectAsync("ann", "b/*");
        await rig.ConnectAsync("bob", "a", "b/**");
        await rig.ConnectAsync(null, "c");

        var (_, page) = await rig.AskAsync(rig.Connections.ListAsync, query);

        Assert.Equal(count, page.GetProperty("connections").GetArrayLength());
        Assert.Null(page.GetProperty("next").GetString());
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?after=x", "after")]
    [InlineData("?after=-1", "after")]
    [InlineData("?after=1-2-3", "after")]
    [InlineData("?state=dead", "state")]
    [InlineData("?topic=a/*", "topic")]
    [InlineData("?subject=a&subject=b", "subject")]
    [InlineData("?user=ann", "user")]
    public async Task ListAsync_BadParameter_Is400ThatNamesIt(string query, string field)
    {
        await using var rig = new AdminRig();

        var (status, problem) = await rig.AskAsync(rig.Connections.ListAsync, query);

        Assert.Equal((400, field), (status, problem.GetProperty("field").GetString()));
        Assert.EndsWith(": invalid-parameter.", rig.Audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_ManySelectors_NamesTenAndCountsAll()
    {
        await using var rig = new AdminRig();
        await rig.ConnectAsync("ann", [.. Enumerable.Range(0, 15).Select(static i => $"a/{i}"), "b/*"]);
        var id = await rig.IdOfAsync("ann");

        var one = (await rig.AskAsync(rig.Connections.ListAsync)).Answer.GetProperty("connections")[0];
        var whole = (await rig.AskAsync(rig.Connections.ShowAsync, id: id)).Answer;

        Assert.Equal((10, 1, 16), (one.GetProperty("topics").GetArrayLength(), one.GetProperty("patterns").GetArrayLength(), one.GetProperty("selectors").GetInt32()));
        Assert.Equal(15, whole.GetProperty("topics").GetArrayLength());
        Assert.Equal(("ann", "id of ann", "sse", "live"), (whole.GetProperty("subject").GetString(), whole.GetProperty("jti").GetString(), whole.GetProperty("transport").GetString(), whole.GetProperty("state").GetString()));
    }

    [Theory]
    [InlineData("c-0000000000000000")]
    [InlineData("c-00000000000000ff")] // Of a loop that there is not.
    [InlineData("x")]
    public async Task ShowAndEnd_NoSuchConnection_Is404(string id)
    {
        await using var rig = new AdminRig();

        Assert.Equal(404, (await rig.AskAsync(rig.Connections.ShowAsync, id: id)).Status);
        Assert.Equal(404, (await rig.AskAsync(rig.Connections.EndAsync, id: id)).Status);
        Assert.Equal($"operator at 255.255.255.255: disconnect \"{id}\": there is none.", rig.Audit);
    }
}
