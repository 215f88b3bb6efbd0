using System.Security.Cryptography;
using System.Text;

namespace Spillway.Client.WebSockets;

/// <summary>The client's half of the opening handshake: RFC 6455, section 4.1.</summary>
internal static class Handshake
{
    public const string Binary = "spillway.v1.binary";
    public const string Json = "spillway.v1.json";

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8; // RFC 6455, section 1.3.

    /// <summary>Asks to turn a GET into a WebSocket. Binary first: payloads come as they were published, and cost less than JSON.</summary>
    public static void Offer(HttpRequestMessage request)
    {
        var headers = request.Headers;
        headers.TryAddWithoutValidation("Connection", "Upgrade");
        headers.TryAddWithoutValidation("Upgrade", "websocket");
        headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        headers.TryAddWithoutValidation("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", $"{Binary}, {Json}");
    }

    /// <summary>Checks that the server understood, and returns the subprotocol.</summary>
    /// <exception cref="SpillwayException">It did not.</exception>
    public static string Check(HttpRequestMessage request, HttpResponseMessage response)
    {
        var key = request.Headers.GetValues("Sec-WebSocket-Key").First();
        if (!Header(response, "Upgrade").Equals("websocket", StringComparison.OrdinalIgnoreCase) || Header(response, "Sec-WebSocket-Accept") != Accept(key))
        {
            throw new SpillwayException(
                101, "", "", $"The server at {request.RequestUri} did not answer the WebSocket handshake as RFC 6455 asks; check the hub's address, and what is on the way.");
        }

        var protocol = Header(response, "Sec-WebSocket-Protocol");
        return protocol is Binary or Json
            ? protocol
            : throw new SpillwayException(
                101, "", "", $"The server at {request.RequestUri} chose the subprotocol \"{protocol}\" where {Binary} and {Json} were offered; check that the address is a Spillway hub's.");
    }

    /// <summary>What proves that a server understood the handshake with this key.</summary>
    public static string Accept(string key)
    {
#pragma warning disable CA5350 // The RFC says SHA-1; nothing is kept secret by it.
        return Convert.ToBase64String(SHA1.HashData([.. Encoding.ASCII.GetBytes(key), .. Guid]));
#pragma warning restore CA5350
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
