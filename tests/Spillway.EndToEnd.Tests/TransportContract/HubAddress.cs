using System.Net.Security;
using System.Net.Sockets;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Where a hub listens, and by which certificate it is known.</summary>
/// <param name="Plain">In plain text, HTTP/1.1.</param>
/// <param name="Secure">Over TLS, HTTP/1.1 and 2.</param>
/// <param name="CertificateHash">The only certificate that is trusted.</param>
internal sealed record HubAddress(Uri Plain, Uri Secure, string CertificateHash)
{
    private const int SmallBuffer = 4 * 1024; // The kernel doubles it.

    public Uri For(TransportCase @case) => @case.Http == 2 ? Secure : Plain;

    /// <summary>A handler with connections of its own. A stream of HTTP/2 takes 64 KiB unread, the least that the client allows.</summary>
    /// <param name="small">Whether the system takes little that nobody has read.</param>
    /// <param name="connected">Called for every connection.</param>
    public SocketsHttpHandler CreateHandler(bool small = false, Action? connected = null) => new()
    {
        EnableMultipleHttp2Connections = false,
        InitialHttp2StreamWindowSize = 65_535,
        ResponseDrainTimeout = TimeSpan.Zero, // An answer that is let go is cut at once.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == CertificateHash },
        ConnectCallback = async (context, cancellationToken) =>
        {
            connected?.Invoke();
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (small)
            {
                socket.ReceiveBufferSize = SmallBuffer;
            }

            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
