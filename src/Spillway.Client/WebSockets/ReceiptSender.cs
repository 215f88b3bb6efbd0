using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Spillway.Client.Subscribing;

namespace Spillway.Client.WebSockets;

/// <summary>Tells the hub now and then which event the application took last, if the hub wants to know: so it measures how long events take to where they are used.</summary>
internal sealed class ReceiptSender(WebSocket socket, TimeProvider time)
{
    private TimeSpan? _every; // Null: the hub does not want any.
    private long _lastAt;
    private string? _newest;

    /// <summary>Notes an event that is handed out, or what the opening says of receipts.</summary>
    public void Note(in Arrival arrival)
    {
        if (arrival.Kind is ArrivalKind.Event or ArrivalKind.BinaryEvent)
        {
            _newest = arrival.Id;
        }
        else if (arrival is { Kind: ArrivalKind.Signal, Name: "open" } && BlockDecoder.DecodeReceipts(arrival.Data) is > 0 and { } milliseconds)
        {
            _every = TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));
            _lastAt = time.GetTimestamp();
        }
    }

    /// <summary>Sends a receipt if one is due. Whoever asks for the next item has dealt with the last one; an event for which no receipt is due now gets none later, which would tell a wrong time.</summary>
    public ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var id = _newest;
        _newest = null;
        if (id is null || _every is not { } every || time.GetElapsedTime(_lastAt) < every)
        {
            return ValueTask.CompletedTask;
        }

        _lastAt = time.GetTimestamp();
        return socket.SendAsync(Write(id), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }

    private static ReadOnlyMemory<byte> Write(string id)
    {
        var message = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(message))
        {
            writer.WriteStartObject();
            writer.WriteString("command"u8, "receipt"u8);
            writer.WriteString("id"u8, id);
            writer.WriteEndObject();
        }

        return message.WrittenMemory;
    }
}
