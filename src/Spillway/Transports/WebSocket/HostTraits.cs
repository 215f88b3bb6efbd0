using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Spillway.Transports.WebSocket;

/// <summary>What the hub may rely on of the server that it runs in.</summary>
/// <param name="WritesInline">
/// Whether a flush writes to the socket before it returns, if that takes it (<c>UnsafePreferInlineScheduling</c> of Kestrel's sockets), and there is no middleware of connections but TLS. Then an
/// upgraded connection's socket is ours once its response head is flushed. Default: false.
/// </param>
internal sealed record HostTraits(bool WritesInline)
{
    /// <summary>The socket that an upgraded connection may be written to; null where that has to go through the server.</summary>
    public Socket? SocketOf(HttpContext context) =>
        WritesInline && HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<ITlsConnectionFeature>() is null && IsFirst(context)
            ? context.Features.Get<IConnectionSocketFeature>()?.Socket
            : null;

    /// <summary>
    /// Whether Kestrel knows the request as its connection's first. Of the answer to an earlier one it may hold bytes that the client has not taken yet, and then the head, too: ours would go before
    /// them. The head of a first answer always goes into its socket's empty buffer.
    /// </summary>
    private static bool IsFirst(HttpContext context)
    {
        const string First = ":00000001"; // Kestrel names a request by its connection and its number there. Under any other name it is not taken for the first one.
        var (name, connection) = (context.TraceIdentifier, context.Connection.Id);
        return name.Length == connection.Length + First.Length && name.StartsWith(connection, StringComparison.Ordinal) && name.EndsWith(First, StringComparison.Ordinal);
    }
}
