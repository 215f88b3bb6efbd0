using System.Net;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>
/// One column of the contract. Every behaviour is written once and runs over <see cref="All"/>. A further dimension, such as who serves a connection, is one more member here, one more
/// loop in <see cref="All"/>, and a look at it in <see cref="ContractHub"/>, which starts every hub of the suite.
/// </summary>
/// <param name="Transport">How events are carried.</param>
/// <param name="Http">The major version of HTTP below it: 1 in plain text, 2 over TLS.</param>
/// <param name="Sockets">Whose the hub's sockets are: over Spillway's own, what can be parked is.</param>
public sealed record TransportCase(Transport Transport, int Http, HostSockets Sockets)
{
    /// <summary>Every transport over every version of HTTP, over Kestrel's sockets and Spillway's; what is parked, also over sockets of .NET.</summary>
    public static IReadOnlyList<TransportCase> All { get; } =
    [
        .. from transport in Enum.GetValues<Transport>() from http in (int[])[1, 2] from sockets in Enum.GetValues<HostSockets>()
           let one = new TransportCase(transport, http, sockets) where one.IsParked || sockets != HostSockets.Managed select one,
    ];

    public bool OwnSockets => Sockets != HostSockets.Kestrel;

    /// <summary>Whether the connection leaves Kestrel once its response has begun.</summary>
    public bool IsParked => OwnSockets && Http == 1 && IsStream;

    public Version HttpVersion => Http == 1 ? System.Net.HttpVersion.Version11 : System.Net.HttpVersion.Version20;

    public bool IsWebSocket => Transport is Transport.WebSocketJson or Transport.WebSocketBinary;

    /// <summary>
    /// Whether one connection lives on from event to event. A poll does not, and so is never slow, quiet, disconnected or too old: where that makes a behaviour another one, its test says which.
    /// </summary>
    public bool IsStream => Transport != Transport.LongPolling;

    /// <summary>Whether events come with topic, key, time, content type and traceparent; else with their type and payload alone.</summary>
    public bool CarriesMembers => Transport != Transport.SseRaw;

    /// <summary>What the transport adds to a query.</summary>
    public string Parameters => Transport switch
    {
        Transport.SseJson => "&format=json",
        _ => "",
    };

    /// <summary>The subprotocol of a WebSocket.</summary>
    public string Subprotocol => Transport == Transport.WebSocketBinary ? "spillway.v1.binary" : "spillway.v1.json";

    /// <summary>The status of an answer that is a stream.</summary>
    public HttpStatusCode Opened => IsWebSocket && Http == 1 ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.OK;

    /// <summary>The code of the close frame with which a stream ends for a reason; null where the transport has no such thing.</summary>
    public int? CloseCode(string reason) => !IsWebSocket ? null : reason switch
    {
        "topics-ended" => 4000,
        "shutdown" => 1012,
        "lifetime" => 4001,
        "overflow" => 4002,
        "expired" => 4004,
        "revoked" => 4005,
        "disconnected" => 4006,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "The protocol has no close code for this reason."),
    };

    public override string ToString() => $"{Transport} over HTTP/{Http}{(IsParked ? Sockets == HostSockets.Managed ? ", parked over .NET's sockets" : ", parked" : OwnSockets ? ", own sockets" : "")}";
}
