using System.Security.Cryptography;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>The request by which a transport asks for a stream, as it is on the wire: to look at its answer.</summary>
internal static class ContractRequest
{
    public static HttpRequestMessage Create(Uri hub, TransportCase @case, string path, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(hub, path)) { Version = @case.HttpVersion, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        if (@case.IsWebSocket)
        {
            AskForWebSocket(request, @case);
        }
        else
        {
            request.Headers.Add("Accept", @case.IsStream ? "text/event-stream" : "application/json");
        }

        return request;
    }

    private static void AskForWebSocket(HttpRequestMessage request, TransportCase @case)
    {
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Protocol", @case.Subprotocol);
        if (@case.Http == 2)
        {
            (request.Method, request.Headers.Protocol) = (HttpMethod.Connect, "websocket");
            return;
        }

        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
    }
}
