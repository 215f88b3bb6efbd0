using System.Net.Sockets;

namespace Spillway.Transports.WebSocket;

/// <summary>
/// Writes to the socket of an upgraded connection itself: the way through Kestrel's stream, pipe and sender takes more than half of a write's time outside the kernel. Only where Kestrel has
/// nothing of its own to write any more, and nothing stands between it and the socket (<see cref="HostTraits"/>). Kestrel goes on reading from it, and closes it.
/// </summary>
internal sealed class SocketOutput : UpgradedOutput
{
    private readonly Socket _socket;
    private bool _hasRest; // Under way, or failed.

    public SocketOutput(Socket socket)
    {
        _socket = socket;
        try
        {
            _socket.Blocking = false; // A loop's thread never waits for a subscriber.
        }
        catch (ObjectDisposedException)
        {
            // Kestrel has closed it: the first write says so.
        }
    }

    /// <summary>Throws while the rest of an earlier write is under way, and after that has failed: the bytes would come into the middle of a frame.</summary>
    protected override ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_hasRest)
        {
            throw new InvalidOperationException("The bytes of an earlier flush are not sent; flush again when that one has completed without a fault.");
        }

        int sent;
        SocketError error;
        try
        {
            sent = _socket.Send(bytes.Span, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException fault)
        {
            return ValueTask.FromException(fault); // Kestrel has closed it.
        }

        return error switch
        {
            SocketError.Success when sent == bytes.Length => ValueTask.CompletedTask,
            SocketError.Success or SocketError.WouldBlock => SendRestAsync(bytes[sent..], cancellationToken),
            _ => ValueTask.FromException(new SocketException((int)error)),
        };
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        _hasRest = true;
        while (!rest.IsEmpty)
        {
            rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellationToken)..];
        }

        _hasRest = false;
    }
}
