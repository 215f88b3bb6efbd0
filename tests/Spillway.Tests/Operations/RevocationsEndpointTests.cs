using Spillway.Access;
using Spillway.Delivery;

namespace Spillway.Tests.Operations;

public sealed class RevocationsEndpointTests
{
    [Fact]
    public async Task AddAsync_SubjectIdAndConnection_EndTheirConnections()
    {
        await using var rig = new AdminRig(loops: 2);
        var (ann, bob, eve, other) = (await rig.ConnectAsync("ann", "a"), await rig.ConnectAsync("bob", "a"), await rig.ConnectAsync("eve", "a"), await rig.ConnectAsync("zoe", "a"));
        var id = await rig.IdOfAsync("eve");

        Assert.Equal(204, (await rig.AskAsync(rig.Endpoint.AddAsync, body: """{"subject":"ann"}""")).Status);
        Assert.Equal("operator at 255.255.255.255: revoke \"subject ann\": done, until the hub stops.", rig.Audit);
        Assert.Equal(204, (await rig.AskAsync(rig.Endpoint.AddAsync, body: """{"jti":"id of bob","for":"1h"}""")).Status);
        Assert.Equal(204, (await rig.AskAsync(rig.Endpoint.AddAsync, body: $$"""{"connection":"{{id}}"}""")).Status);
        await rig.Hub.UntilAsync(() => ann.Reason is not null && bob.Reason is not null && eve.Reason is not null, "their ends");

        Assert.Equal((CloseReason.Revoked, CloseReason.Revoked, CloseReason.Revoked, null), (ann.Reason, bob.Reason, eve.Reason, other.Reason));
        var list = (await rig.AskAsync(rig.Endpoint.ListAsync)).Answer.GetProperty("revocations");
        Assert.Equal("""[{"jti":"id of bob","at":"2026-01-31T08:00:00Z","until":"2026-01-31T09:00:00Z"},{"subject":"ann","at":"2026-01-31T08:00:00Z"}]""", string.Concat("[", string.Join(',', list.EnumerateArray().OrderBy(static one => one.GetRawText(), StringComparer.Ordinal).Select(static one => one.GetRawText())), "]"));
        Assert.Equal(204, (await rig.AskAsync(rig.Endpoint.RemoveAsync, "?subject=ann")).Status);
        Assert.Equal(404, (await rig.AskAsync(rig.Endpoint.RemoveAsync, "?subject=ann")).Status);
    }

    [Theory]
    [InlineData("", "invalid-json")]
    [InlineData("[]", "invalid-json")]
    [InlineData("{}", "invalid-parameter")]
    [InlineData("""{"subject":""}""", "invalid-parameter")]
    [InlineData("""{"subject":7}""", "invalid-parameter")]
    [InlineData("""{"subject":"\ud800"}""", "invalid-parameter")]
    [InlineData("""{"subject":"a","jti":"b"}""", "invalid-parameter")]
    [InlineData("""{"subject":"a","for":"-1"}""", "invalid-parameter")]
    [InlineData("""{"subject":"a","for":"0"}""", "invalid-parameter")]
    [InlineData("""{"for":"1h"}""", "invalid-parameter")]
    [InlineData("""{"connection":"c-1"}""", "invalid-parameter")]
    [InlineData("""{"user":"ann"}""", "invalid-parameter")]
    public async Task AddAsync_BadBody_Is400AndTakesNothingBack(string body, string problem)
    {
        await using var rig = new AdminRig();

        var (status, answer) = await rig.AskAsync(rig.Endpoint.AddAsync, body: body);

        Assert.Equal((400, "urn:spillway:problem:" + problem, 0), (status, answer.GetProperty("type").GetString(), rig.Revocations.Count));
        Assert.EndsWith($": {problem}.", rig.Audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?subject=")]
    [InlineData("?subject=a&jti=b")]
    [InlineData("?user=a")]
    public async Task RemoveAsync_NotOneName_Is400(string query)
    {
        await using var rig = new AdminRig();
        Assert.Equal(400, (await rig.AskAsync(rig.Endpoint.RemoveAsync, query)).Status);
    }

    [Fact]
    public async Task AddAsync_TooLargeOrTooMany_IsRefusedAndSaysTheLimit()
    {
        await using var rig = new AdminRig(most: 1);
        Assert.Equal(413, (await rig.AskAsync(rig.Endpoint.AddAsync, body: $$"""{"subject":"{{new string('x', 20_000)}}"}""")).Status);
        Assert.Equal(204, (await rig.AskAsync(rig.Endpoint.AddAsync, body: """{"subject":"ann"}""")).Status);

        var (status, answer) = await rig.AskAsync(rig.Endpoint.AddAsync, body: """{"subject":"bob"}""");

        Assert.Equal((507, "Access:Revocations", 1), (status, answer.GetProperty("option").GetString(), answer.GetProperty("limit").GetInt32()));
    }

    [Fact]
    public async Task AddAsync_CannotBeWritten_CountsAndSaysSo()
    {
        var missing = Path.Combine(Path.GetTempPath(), $"spillway-test-{Guid.NewGuid():N}");
        await using var rig = new AdminRig(file: new RevocationFile(missing, static _ => { }));
        var connection = await rig.ConnectAsync("ann", "a");

        var (status, answer) = await rig.AskAsync(rig.Endpoint.AddAsync, body: """{"subject":"ann"}""");
        await rig.Hub.UntilAsync(() => connection.Reason is not null, "the end");

        Assert.Equal((507, "urn:spillway:problem:not-kept"), (status, answer.GetProperty("type").GetString()));
        Assert.Equal(CloseReason.Revoked, connection.Reason);
    }
}
