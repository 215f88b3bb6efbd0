using System.Net.Sockets;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>What clients of parked WebSockets may subscribe to. Between two commands nothing is kept of them but that.</summary>
public sealed class ParkedAccessTests
{
    [Theory]
    [SocketKinds]
    public async Task Client_SubscribesToAPattern_GetsWhatIsGrantedOfItUntilItTakesThePatternAway(SocketKind sockets)
    {
        await using var rig = NewRig(sockets);
        using var client = await ParkAsync(rig, Ticket("a", "b/*/open", "c"), "a");

        await AskAsync(rig, client, """{"command":"subscribe","patterns":["b/**"],"ref":1}""", "\"reply\":1,\"cursor\"");
        Publish(rig, "b/1/secret", "b/1/open", "c", "a");
        var first = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of a", StringComparison.Ordinal));
        await AskAsync(rig, client, """{"command":"subscribe","topics":["c"],"ref":2}""", "\"reply\":2,\"cursor\"");
        await AskAsync(rig, client, """{"command":"unsubscribe","patterns":["b/**"],"ref":3}""", "\"reply\":3,\"cursor\"");
        Publish(rig, "b/1/open", "c", "a");
        var second = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of a", StringComparison.Ordinal));

        Assert.Equal((false, true, false), Has(first));
        Assert.Equal((false, false, true), Has(second));

        static (bool Secret, bool Open, bool C) Has(string text) =>
            (text.Contains("of b/1/secret", StringComparison.Ordinal), text.Contains("of b/1/open", StringComparison.Ordinal), text.Contains("of c", StringComparison.Ordinal));
    }

    [Theory]
    [SocketKinds]
    public async Task Client_HandshakeWasReduced_TakesItsPatternAwayByItsOwnName(SocketKind sockets)
    {
        await using var rig = NewRig(sockets);
        var ticket = Ticket("b/*/open", "c");
        using var client = await ParkAsync(rig, ticket, "b/**", "c");

        await AskAsync(rig, client, """{"command":"unsubscribe","patterns":["b/*/open"],"ref":1}""", "\"reply\":1,\"cursor\""); // Nothing that it asked for: nothing changes.
        Publish(rig, "b/1/open", "c");
        var first = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of c", StringComparison.Ordinal));
        await AskAsync(rig, client, """{"command":"unsubscribe","patterns":["b/**"],"ref":2}""", "\"reply\":2,\"cursor\"");
        Publish(rig, "b/1/open", "c");
        var second = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of c", StringComparison.Ordinal));

        Assert.Contains("of b/1/open", first, StringComparison.Ordinal);
        Assert.DoesNotContain("of b/1/open", second, StringComparison.Ordinal);
    }

    [Theory]
    [SocketKinds("""{"command":"subscribe","topics":["b"],"ref":1}""", "not-granted", "not-granted")]
    [SocketKinds("""{"command":"subscribe","patterns":["b/**"],"ref":1}""", "not-granted", "not-granted")]
    [SocketKinds("""{"command":"subscribe","patterns":["**"],"ref":1}""", "not-granted", "too-many")]
    public async Task Client_SubscribesToWhatIsNotGranted_IsToldAndTheStreamGoesOn(SocketKind sockets, string command, string problem, string reason)
    {
        await using var rig = NewRig(sockets, static options => options.WebSocket.Selectors = 2);
        using var client = await ParkAsync(rig, Ticket("a", "c/*", "d/*", "e/*"), "a");

        await AskAsync(rig, client, command, $"\"reply\":1,\"problem\":{{\"type\":\"urn:spillway:problem:{problem}\"");
        Publish(rig, "b", "b/1", "c/1", "a");
        var text = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of a", StringComparison.Ordinal));

        Assert.DoesNotContain("of b", text, StringComparison.Ordinal);
        Assert.DoesNotContain("of c", text, StringComparison.Ordinal);
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.refused_requests", reason));
        Assert.Equal(1, rig.Metrics.Sum("spillway.transports.refused_commands", problem));
    }

    [Theory]
    [SocketKinds]
    public async Task Client_CredentialExpires_IsToldAndClosed(SocketKind sockets)
    {
        await using var rig = NewRig(sockets);
        var ticket = new AccessTicket { Subject = "ann", Subscribe = Grants("**"), Expires = rig.Hub.Clock.GetUtcNow().AddMinutes(1) };
        using var client = await ParkAsync(rig, ticket, "a");
        await AskAsync(rig, client, """{"command":"subscribe","topics":["b"],"ref":1}""", "\"reply\":1,\"cursor\"");

        rig.Hub.Clock.Advance(TimeSpan.FromMinutes(1.1));
        var text = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("expired; retry=", StringComparison.Ordinal));

        Assert.Contains("""{"signal":"drain","reason":"expired",""", text, StringComparison.Ordinal);
        await ParkedRig.UntilAsync(() => rig.ClosedFor(CloseReason.Expired) == 1, "the end");
    }

    [Theory]
    [SocketKinds]
    public async Task Clients_OneAfterTheOther_HaveEachTheirOwnGrants(SocketKind sockets)
    {
        await using var rig = NewRig(sockets);
        using (await ParkAsync(rig, Ticket("**"), "a"))
        {
        }

        await ParkedRig.UntilAsync(() => rig.Transport.Count == 0, "the first one's end");
        using var client = await ParkAsync(rig, Ticket("a"), "a"); // It has the first one's number.

        await AskAsync(rig, client, """{"command":"subscribe","topics":["b"],"ref":1}""", "\"reply\":1,\"problem\"");
    }

    private static ParkedRig NewRig(SocketKind sockets, Action<SpillwayOptions>? change = null) => new(sockets, options =>
    {
        options.Sse.KeepAlive = TimeSpan.FromHours(1); // A ping behind an answer would hide its end.
        options.Access.Mode = AccessMode.Tokens;
        change?.Invoke(options);
    });

    private static AccessTicket Ticket(params string[] subscribe) => new() { Subject = "ann", Subscribe = Grants(subscribe) };

    private static GrantSet Grants(params string[] texts) => GrantSet.TryCreate(texts, 100, out var grants, out var fault) ? grants : throw new ArgumentException(fault);

    private static Task<Socket> ParkAsync(ParkedRig rig, AccessTicket ticket, params string[] asked)
    {
        var selectors = Selectors.Of(asked);
        var granted = ticket.Subscribe.Reduce(selectors, 100).Granted!;
        var request = new SubscriptionRequest(granted, WireFormat.WebSocketJson, Signals: true) { Lease = AccessLease.Of(ticket, selectors, granted) };
        return rig.ParkAsync(request, isChunked: false, new ParkedWebSocket(null));
    }

    private static async Task AskAsync(ParkedRig rig, Socket client, string command, string answer)
    {
        await client.SendAsync(ClientFrame.Of(ClientFrame.Text, System.Text.Encoding.UTF8.GetBytes(command)), SocketFlags.None);
        await ParkedRig.ReadUntilAsync(client, text => text.Contains(answer, StringComparison.Ordinal) && text.EndsWith('}'));
        await ParkedRig.UntilAsync(() => rig.Transport.DialogueCount == 0, "an idle client");
    }

    private static void Publish(ParkedRig rig, params string[] topics)
    {
        foreach (var topic in topics)
        {
            rig.Hub.Publish(topic, "of " + topic);
        }
    }
}
