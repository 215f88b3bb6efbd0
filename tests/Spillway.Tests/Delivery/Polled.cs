using System.Text;
using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Polls of a rig, and what they got.</summary>
internal static class Polled
{
    /// <summary>A rig whose pages are made by its turns, and with a rule that batches.</summary>
    public static LoopRig CreateRig()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = LoopRig.WindowEvents;
        options.Delivery.WindowBytes = 64 * 1024;
        options.Delivery.ReplayReaders = 0;
        options.Rules.Add(new TopicRule { Pattern = "batched/*", Batch = TimeSpan.FromSeconds(1) });
        options.Rules.Add(new TopicRule());
        return new LoopRig(options);
    }

    public static Poll Poll(int events = 1_000, int bytes = 256 * 1024, int wait = 25) => new(new Room(events, bytes), TimeSpan.FromSeconds(wait));

    public static long Offset(Poll poll) => poll.Cursor!.Value.Offset;

    public static JsonElement[] Entries(TestConnection connection) =>
        connection.Bytes.Length == 0 ? [] : [.. JsonElement.Parse($"[{Encoding.UTF8.GetString(connection.Bytes)[1..]}]").EnumerateArray()];

    public static string[] Payloads(TestConnection connection) =>
        [.. Entries(connection).Where(static entry => entry.TryGetProperty("topic", out _)).Select(static entry => entry.GetProperty("payload").GetString()!)];

    public static JsonElement[] Gaps(TestConnection connection) => [.. Entries(connection).Where(static entry => entry.TryGetProperty("signal", out var name) && name.GetString() == "gap")];
}
