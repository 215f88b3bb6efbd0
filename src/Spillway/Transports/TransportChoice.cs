using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Problems;
using Spillway.Transports.Polling;
using Spillway.Transports.Sse;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports;

/// <summary>Hands a request for events to the transport that it asks for, or says which ones there are.</summary>
internal sealed class TransportChoice(SubscribeEndpoint streams, PollEndpoint polls, WebSocketEndpoint sockets, IOptions<SpillwayOptions> options, TransportMetrics metrics)
{
    private readonly SpillwayOptions _options = options.Value;

    /// <summary>Answers <c>GET</c>, <c>QUERY</c> and <c>CONNECT {base}/events</c> and <c>POST {base}/subscribe</c>.</summary>
    public Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        if (Handshake.IsAsked(context))
        {
            return _options.WebSocket.Enabled ? sockets.HandleAsync(context, ticket)
                : RefuseAsync(context, Problem.TransportOff($"WebSocket is off here (WebSocket:Enabled); ask for {Offered()} with Accept instead."));
        }

        var accept = context.Request.Headers.Accept;
        return AcceptHeader.Choose(accept, _options.Sse.Enabled, _options.Polling.Enabled) switch
        {
            Transport.EventStream => streams.HandleAsync(context, ticket),
            Transport.Polling => polls.HandleAsync(context, ticket),
            _ => RefuseAsync(context, Problem.NotAcceptable(accept, Offered())),
        };
    }

    /// <summary>What is on, as a sentence ends with it.</summary>
    private string Offered()
    {
        string[] offered =
        [
            .. _options.Sse.Enabled ? [AcceptHeader.EventStream] : Array.Empty<string>(),
            .. _options.Polling.Enabled ? [AcceptHeader.Json] : Array.Empty<string>(),
            .. _options.WebSocket.Enabled ? ["an upgrade to websocket"] : Array.Empty<string>(),
        ];
        return string.Join(" or ", offered);
    }

    private Task RefuseAsync(HttpContext context, Problem problem)
    {
        metrics.Refused(problem.Name);
        return ProblemWriter.WriteAsync(context, problem);
    }
}
