using System.Text.Json;
using Spillway.Events;

namespace Spillway.TestKit;

/// <summary>What a connection got, in words that a test can compare: payloads, and signals as <c>gap overflow 1-5 3</c>, <c>slow 8</c>, <c>end</c>, <c>drain shutdown</c>, <c>cursor 7</c>.</summary>
internal static class ReceivedText
{
    public static string[] Received(this TestConnection connection) => [.. SseReader.Parse(connection.Bytes).Select(Describe)];

    /// <summary>Events only.</summary>
    public static string[] Payloads(this TestConnection connection) =>
        [.. SseReader.Parse(connection.Bytes).Where(static item => !IsSignal(item)).Select(static item => item.Data)];

    /// <summary>Signals only.</summary>
    public static string[] Signals(this TestConnection connection) => [.. SseReader.Parse(connection.Bytes).Where(IsSignal).Select(Describe)];

    private static bool IsSignal(SseEvent item) => item.Type.StartsWith("spillway-", StringComparison.Ordinal);

    private static string Describe(SseEvent item)
    {
        if (!IsSignal(item))
        {
            return item.Data;
        }

        var data = JsonDocument.Parse(item.Data).RootElement;
        return item.Type["spillway-".Length..] switch
        {
            "gap" => $"gap {data.GetProperty("reason").GetString()} {Offset(data, "from")}-{Offset(data, "to")} {(data.TryGetProperty("count", out var count) ? count.GetInt64() : "?")}",
            "cursor" => $"cursor {Offset(item.LastEventId)}",
            "drain" => $"drain {data.GetProperty("reason").GetString()}",
            "slow" => $"slow {(data.TryGetProperty("backlog", out var backlog) ? backlog.GetInt64() : "?")}",
            var other => other,
        };
    }

    private static string Offset(JsonElement data, string member) => Offset(data.GetProperty(member).GetString());

    private static string Offset(string? cursor) => Position.TryParse(cursor, out var position) ? $"{position.Offset}" : cursor ?? "";
}
