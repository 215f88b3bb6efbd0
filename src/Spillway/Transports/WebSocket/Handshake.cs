using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Spillway.Delivery;
using Spillway.Problems;

namespace Spillway.Transports.WebSocket;

/// <summary>The opening handshake: RFC 6455, section 4.2, over HTTP/1.1, and RFC 8441 over HTTP/2.</summary>
internal static class Handshake
{
    public const string Json = "spillway.v1.json";
    public const string Binary = "spillway.v1.binary";

    private const string Version = "13";
    private const string WebSocket = "websocket";

    private static ReadOnlySpan<byte> Guid => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8; // RFC 6455, section 1.3.

    /// <summary>Whether a request asks for a WebSocket, properly or not.</summary>
    public static bool IsAsked(HttpContext context) => HttpMethods.IsConnect(context.Request.Method)
        ? context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: WebSocket }
        : HttpMethods.IsGet(context.Request.Method) && HasToken(context.Request.Headers.Upgrade.ToString(), WebSocket);

    /// <summary>A problem, or null and the format that both speak.</summary>
    public static Problem? Check(HttpContext context, out WireFormat format, out string? protocol)
    {
        var headers = context.Request.Headers;
        (format, protocol) = (WireFormat.WebSocketJson, null);
        if (headers.SecWebSocketVersion.ToString() is var version && version != Version)
        {
            context.Response.Headers.SecWebSocketVersion = Version;
            return new Problem(426, "upgrade-required", "Another WebSocket version", $"Sec-WebSocket-Version is \"{Problem.Cut(version)}\"; send {Version} (RFC 6455).") { Field = "Sec-WebSocket-Version", Value = version };
        }

        if (!HttpMethods.IsConnect(context.Request.Method) && FindFault(context) is { } fault)
        {
            return fault;
        }

        var offered = headers.SecWebSocketProtocol.ToString();
        foreach (var name in offered.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (name is Json or Binary)
            {
                (format, protocol) = (name == Json ? WireFormat.WebSocketJson : WireFormat.WebSocketBinary, name);
                return null;
            }
        }

        return offered.Length == 0 ? null : Problem.InvalidParameter(
            "Sec-WebSocket-Protocol", offered, $"Sec-WebSocket-Protocol offers \"{Problem.Cut(offered)}\"; offer {Json} or {Binary}, or none, which is {Json}.");
    }

    /// <summary>Answers the handshake and takes the connection over.</summary>
    public static async ValueTask<Stream> AcceptAsync(HttpContext context, string? protocol)
    {
        var headers = context.Response.Headers;
        if (protocol is not null)
        {
            headers.SecWebSocketProtocol = protocol;
        }

        if (HttpMethods.IsConnect(context.Request.Method))
        {
            return await context.Features.Get<IHttpExtendedConnectFeature>()!.AcceptAsync();
        }

        headers.Connection = "Upgrade";
        headers.Upgrade = WebSocket;
        headers.SecWebSocketAccept = Accept(context.Request.Headers.SecWebSocketKey.ToString());
        return await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
    }

    /// <summary>What proves that the handshake was understood: RFC 6455, section 4.2.2, 5.4.</summary>
    public static string Accept(string key)
    {
#pragma warning disable CA5350 // The RFC says SHA-1; nothing is kept secret by it.
        return Convert.ToBase64String(SHA1.HashData([.. Encoding.ASCII.GetBytes(key), .. Guid]));
#pragma warning restore CA5350
    }

    private static Problem? FindFault(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (HttpProtocol.IsHttp10(context.Request.Protocol) || !HasToken(headers.Connection.ToString(), "upgrade") || context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
        {
            return Problem.InvalidParameter("Connection", headers.Connection.ToString(), "The request asks for a WebSocket and is not one that can be upgraded; send it over HTTP/1.1 with Connection: Upgrade, also through proxies.");
        }

        var key = headers.SecWebSocketKey.ToString();
        Span<byte> nonce = stackalloc byte[18];
        return key.Length == 24 && Convert.TryFromBase64String(key, nonce, out var length) && length == 16
            ? null
            : Problem.InvalidParameter("Sec-WebSocket-Key", key, $"Sec-WebSocket-Key \"{Problem.Cut(key)}\" is not 16 bytes in base64; send a random one.");
    }

    private static bool HasToken(string list, string token) =>
        list.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);
}
