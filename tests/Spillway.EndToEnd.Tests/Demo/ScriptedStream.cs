using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;

namespace Spillway.EndToEnd.Tests.Demo;

/// <summary>One stream to the page, block by block.</summary>
internal sealed class ScriptedStream(string lastEventId, string query)
{
    private readonly Channel<string> _blocks = Channel.CreateBounded<string>(256);

    public ChannelReader<string> Blocks => _blocks.Reader;

    public string LastEventId => lastEventId;

    /// <summary>What the page asked for, with its question mark.</summary>
    public string Query => query;

    public Task OpenAsync(string cursor, int retry = 20)
        => WriteAsync($"retry: {retry}\nid: {cursor}\nevent: spillway-open\ndata: {{\"connection\":\"c-test\",\"keepAlive\":15,\"protocol\":1}}\n\n");

    public Task ReadingAsync(string cursor, int sequence, double value = 70, string run = "0000000a", string topic = "plant/north/press-1/temperature")
        => EventAsync(cursor, "reading", topic, new { value, unit = "°C", limit = 90, run, seq = sequence, time = Now() });

    public Task AlertAsync(string cursor, string state, double value)
        => EventAsync(cursor, "alert", "alerts/north", new { sensor = "north/press-1/temperature", state, value, peak = value, limit = 90, unit = "°C", time = Now() });

    public Task EventAsync(string cursor, string type, string topic, object payload)
        => WriteAsync($"id: {cursor}\nevent: {type}\ndata: {JsonSerializer.Serialize(new { topic, type, time = Now(), payload })}\n\n");

    public Task SignalAsync(string cursor, string name, object data)
        => WriteAsync($"id: {cursor}\nevent: spillway-{name}\ndata: {JsonSerializer.Serialize(data)}\n\n");

    /// <summary>Ends the response properly.</summary>
    public void End() => _blocks.Writer.Complete();

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);

    private Task WriteAsync(string block) => _blocks.Writer.WriteAsync(block, TestContext.Current.CancellationToken).AsTask();
}
