using System.Net.WebSockets;

namespace Spillway.Client.WebSockets;

/// <summary>Reads whole messages. Of one that is longer than the limit only the beginning is kept, which holds its id.</summary>
internal sealed class MessageReader(WebSocket socket, int maxBytes)
{
    private const int FirstCapacity = 16 * 1024;
    private const int KeptCapacity = 128 * 1024; // A buffer that one large event has blown up is not kept for the connection's life.

    private byte[] _buffer = [];
    private int _length;

    /// <summary>The last message, or the beginning of one that was too long; valid until the next is read.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _length);

    /// <summary>Whether the last message was longer than the limit.</summary>
    public bool IsOversized { get; private set; }

    /// <summary>Reads the next message. A close frame is one too, without bytes.</summary>
    public async ValueTask<WebSocketMessageType> ReadAsync(CancellationToken cancellationToken)
    {
        (_length, IsOversized) = (0, false);
        if (_buffer.Length is 0 or > KeptCapacity)
        {
            _buffer = new byte[Math.Min(FirstCapacity, maxBytes)];
        }

        while (true)
        {
            var result = await socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            _length += result.Count;
            if (result.EndOfMessage || result.MessageType == WebSocketMessageType.Close)
            {
                _length = IsOversized ? BinaryEvent.HeadWithId : _length;
                return result.MessageType;
            }

            if (_length == _buffer.Length)
            {
                MakeRoom();
            }
        }
    }

    private void MakeRoom()
    {
        if (_buffer.Length < maxBytes)
        {
            Array.Resize(ref _buffer, (int)Math.Min(maxBytes, _buffer.Length * 2L));
            return;
        }

        IsOversized = true;
        _length = BinaryEvent.HeadWithId; // What is behind it is read over and over, and forgotten.
    }
}
