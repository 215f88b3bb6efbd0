namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What becomes of a stream when its credential ends, is renewed, or is taken back, over every transport. The hub's clock is put forward; nobody waits.</summary>
public sealed class LeaseTests
{
    [Theory]
    [TransportCases]
    public async Task Expires_StreamIsToldEndsAndResumesWithAnother(TransportCase @case)
    {
        await using var hub = await LeaseHub.StartAsync(@case);
        await using var subscriber = await hub.OpenAsync(@case, "topic=a", hub.Mint("ann", 10, "a"));
        await hub.Server.PublishAsync("a", "1");
        Assert.Equal("1", (await subscriber.NextEventAsync()).Text);

        if (@case.IsStream)
        {
            hub.Forward(TimeSpan.FromMinutes(8.5));
            var told = await subscriber.NextSignalAsync("auth-expiring");
            Assert.InRange(told.Number("expiresIn")!.Value, 60, 90);
            hub.Forward(TimeSpan.FromMinutes(1.6));
            await EndsAsync(subscriber, "expired");
        }
        else
        {
            hub.Forward(TimeSpan.FromMinutes(10.1));
        }

        await hub.Server.PublishAsync("a", "2");
        var query = $"topic=a&cursor={subscriber.Position}";
        await using var next = await hub.OpenAsync(@case, query, hub.Mint("ann", 10, "a"));
        Assert.Equal("2", (await next.NextEventAsync()).Text);
    }

    [Theory]
    [TransportCases]
    public async Task Renewed_ByARequest_GoesOnWithTheNewGrants(TransportCase @case)
    {
        await using var hub = await LeaseHub.StartAsync(@case);
        await using var subscriber = await hub.OpenAsync(@case, "pattern=a/**", hub.Mint("ann", 10, "a/open"));
        var (connection, wide) = (subscriber.Opening?.Text("connection") ?? "c-0000000000000000", hub.Mint("ann", 60, "a/**"));
        if (!@case.IsStream)
        {
            Assert.Equal((404, "urn:spillway:problem:unknown-connection"), await RefusedAsync(hub, connection, wide)); // A poll presents its own.
            return;
        }

        await hub.Server.PublishAsync("a/secret", "not granted");
        await hub.Server.PublishAsync("a/open", "1");
        Assert.Equal("1", (await subscriber.NextEventAsync()).Text);
        Assert.Equal((404, "urn:spillway:problem:unknown-connection"), await RefusedAsync(hub, connection, hub.Mint("bob", 60, "a/**")));
        Assert.Equal((403, "urn:spillway:problem:not-granted"), await RefusedAsync(hub, connection, hub.Mint("ann", 60, "b")));
        Assert.Equal((401, "urn:spillway:problem:invalid-token"), await RefusedAsync(hub, connection, hub.Mint("ann", -1, "a/**")));
        await hub.Server.PublishAsync("a/secret", "not granted still");

        var (status, answer) = await hub.RenewAsync(connection, wide);
        await hub.Server.PublishAsync("a/secret", "2");
        Assert.Equal(200, status);
        Assert.True(answer.TryGetProperty("cursor", out _) && answer.TryGetProperty("expires", out _));
        Assert.Equal("2", (await subscriber.NextEventAsync()).Text);

        hub.Forward(TimeSpan.FromMinutes(30));
        (status, answer) = await hub.RenewAsync(connection, hub.Mint("ann", 60, "a/**"));
        await hub.Server.PublishAsync("a/open", "3");
        Assert.Equal((200, false), (status, answer.TryGetProperty("cursor", out _))); // The same grants: nothing changes.
        Assert.Equal("3", (await subscriber.NextEventAsync()).Text);

        (status, _) = await hub.RenewAsync(connection, hub.Mint("ann", 60, "a/open"));
        await hub.Server.PublishAsync("a/secret", "not granted any more");
        await hub.Server.PublishAsync("a/open", "4");
        Assert.Equal(200, status);
        Assert.Equal("4", (await subscriber.NextEventAsync()).Text);
    }

    [Theory]
    [TransportCases]
    public async Task Renewed_ByACommand_GoesOnWithTheNewGrants(TransportCase @case)
    {
        if (!@case.IsWebSocket)
        {
            return; // The others say nothing while they listen.
        }

        await using var hub = await LeaseHub.StartAsync(@case);
        await using var subscriber = (WebSocketSubscriber)await hub.OpenAsync(@case, "pattern=a/**", hub.Mint("ann", 10, "a/open"));
        Assert.Equal("unknown-connection", await CommandAsync(subscriber, hub.Mint("bob", 60, "a/**")));
        Assert.Equal("not-granted", await CommandAsync(subscriber, hub.Mint("ann", 60, "b")));
        Assert.Equal("invalid-token", await CommandAsync(subscriber, "x.y.z"));
        Assert.Equal("", await CommandAsync(subscriber, hub.Mint("ann", 60, "a/**")));
        hub.Forward(TimeSpan.FromMinutes(30));
        await hub.Server.PublishAsync("a/secret", "1");
        Assert.Equal("1", (await subscriber.NextEventAsync()).Text);

        await subscriber.SendAsync("""{"command":"subscribe","topics":["a/x"],"ref":2}""");
        Assert.NotNull((await subscriber.NextSignalAsync("reply")).Text("cursor")); // What it may ask for follows, too.
    }

    [Theory]
    [TransportCases]
    public async Task Revoked_BySubjectTokenOrConnection_EndsThoseAndNoOthers(TransportCase @case)
    {
        await using var hub = await LeaseHub.StartAsync(@case);
        await using var other = await hub.OpenAsync(@case, "topic=a", hub.Mint("bob", 60, "a"));
        foreach (var member in (string[])["subject", "jti", "connection"])
        {
            var credential = hub.Mint("ann", 60, "a");
            await using var subscriber = await hub.OpenAsync(@case, "topic=a", credential);
            if (member == "connection" && !@case.IsStream)
            {
                continue; // A poll tells no id.
            }

            await hub.Server.WaitForConnectionsAsync(@case.IsStream ? 2 : 0); // The poll before may still be counted.
            var waiting = @case.IsStream ? null : subscriber.TryNextAsync();
            await hub.Server.WaitForConnectionsAsync(@case.IsStream ? 2 : 1);
            var name = member switch { "subject" => "ann", "jti" => "ann-1", _ => subscriber.Opening!.Text("connection") };
            Assert.Equal(204, (await hub.OperateAsync("POST", "admin/revocations", new Dictionary<string, string?> { [member] = name })).Status);
            if (waiting is null)
            {
                await EndsAsync(subscriber, "revoked");
            }
            else
            {
                Assert.Equal("drain", (await waiting as SignalItem)?.Name); // And the next poll is refused.
            }

            Assert.Equal(member == "connection" ? 200 : 401, (await hub.AskAsync("GET", "events?topic=a&last=1&wait=0", credential, null)).Status);
            hub.Forward(TimeSpan.FromSeconds(2)); // Of a subject, what is made later is good.
            Assert.Equal(member == "jti" ? 204 : 404, (await hub.OperateAsync("DELETE", "admin/revocations?jti=ann-1")).Status);
        }

        await hub.Server.PublishAsync("a", "goes on");
        Assert.Equal("goes on", (await other.NextEventAsync()).Text);
    }

    [Theory]
    [TransportCases]
    public async Task Disconnected_ByAnOperator_EndsAndMayComeBack(TransportCase @case)
    {
        await using var hub = await LeaseHub.StartAsync(@case);
        var credential = hub.Mint("ann", 60, "a/*");
        await using var subscriber = await hub.OpenAsync(@case, "pattern=a/*", credential);
        if (!@case.IsStream)
        {
            Assert.Equal(404, (await hub.OperateAsync("DELETE", "admin/connections/c-0000000000000000")).Status);
            return;
        }

        var id = subscriber.Opening!.Text("connection");
        Assert.Equal("ann", (await hub.OperateAsync("GET", $"admin/connections/{id}")).Answer.GetProperty("subject").GetString()); // Waits for its loop; a list does not.
        var (status, list) = await hub.OperateAsync("GET", "admin/connections?subject=ann&topic=a/1&state=live");
        Assert.Equal((200, 1, id), (status, list.GetProperty("connections").GetArrayLength(), list.GetProperty("connections")[0].GetProperty("connection").GetString()));
        Assert.Equal(0, (await hub.OperateAsync("GET", "admin/connections?subject=bob")).Answer.GetProperty("connections").GetArrayLength());
        Assert.Equal(403, (await hub.AskAsync("DELETE", $"admin/connections/{id}", credential, null)).Status);

        Assert.Equal(204, (await hub.OperateAsync("DELETE", $"admin/connections/{id}")).Status);
        await EndsAsync(subscriber, "disconnected");
        Assert.Equal(404, (await hub.OperateAsync("GET", $"admin/connections/{id}")).Status);
        await using var back = await hub.OpenAsync(@case, $"pattern=a/*&cursor={subscriber.Position}", credential);
        await hub.Server.PublishAsync("a/1", "back");
        Assert.Equal("back", (await back.NextEventAsync()).Text);
        Assert.Contains(hub.Server.Logs.Lines, line => line.Text.Contains($"disconnect \"{id}\": ended", StringComparison.Ordinal) && line.Text.StartsWith("operator at ", StringComparison.Ordinal));
    }

    private static async Task EndsAsync(TransportSubscriber subscriber, string reason)
    {
        Assert.Equal(reason, (await subscriber.NextSignalAsync("drain")).Text("reason"));
        await subscriber.EndsAsync(reason);
    }

    private static async Task<(int Status, string? Problem)> RefusedAsync(LeaseHub hub, string connection, string credential)
    {
        var (status, answer) = await hub.RenewAsync(connection, credential);
        return (status, answer.GetProperty("type").GetString());
    }

    private static async Task<string> CommandAsync(WebSocketSubscriber subscriber, string credential)
    {
        await subscriber.SendAsync($$"""{"command":"token","token":"{{credential}}","ref":1}""");
        var reply = await subscriber.NextSignalAsync("reply");
        return reply.Members.TryGetProperty("problem", out var problem) ? problem.GetProperty("type").GetString()!.Split(':')[^1] : "";
    }
}
