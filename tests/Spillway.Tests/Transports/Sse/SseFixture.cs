using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Transports.Sse;

/// <summary>A stream in our bytes, together with what a client has to read from it.</summary>
internal sealed class SseFixture(IWireEncoder encoder)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly JsonArray _events = [];
    private readonly JsonArray _retries = [];
    private int _comments;

    public byte[] Bytes => _bytes.WrittenSpan.ToArray();

    /// <summary>What was written, from what went in, not from the bytes.</summary>
    public JsonObject Expected => new() { ["events"] = _events.DeepClone(), ["retries"] = _retries.DeepClone(), ["comments"] = _comments };

    /// <summary>A block that a client shows.</summary>
    public void Add(Action<IBufferWriter<byte>> write, string? id, string? type, string data, int? retry = null)
    {
        AddUnseen(write, retry);
        _events.Add(new JsonObject { ["id"] = id, ["event"] = type, ["data"] = data });
    }

    /// <summary>Fields that no client shows.</summary>
    public void AddUnseen(Action<IBufferWriter<byte>> write, int? retry)
    {
        write(_bytes);
        if (retry is { } milliseconds)
        {
            _retries.Add(milliseconds);
        }
    }

    public void AddKeepAlive()
    {
        encoder.WriteKeepAlive(_bytes);
        _comments++;
    }

    public void AddEvent(PushEvent source, long offset, string data, uint ephemeralNumber = 0)
    {
        var record = Records.Make(source, offset, extraFlags: ephemeralNumber > 0 ? EventFlags.Ephemeral : EventFlags.None, ephemeralNumber: ephemeralNumber);
        var id = new Position(Encoded.Epoch, offset) + (ephemeralNumber > 0 ? $".{ephemeralNumber}" : "");
        Add(output => encoder.WriteEvent(new EventRecord(record), Encoded.Epoch, output), id, source.Type, data);
    }

    public void AddPayload(string payload, long offset, string data) =>
        AddEvent(new PushEvent { Topic = "t", Payload = Encoding.UTF8.GetBytes(payload) }, offset, data);
}
