using System.Text.Json;

namespace Spillway.Client.Publishing;

/// <summary>Reads the hub's answers to publishers.</summary>
internal static class ReceiptReader
{
    public static StreamReceipt Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return new StreamReceipt(Number(root, "accepted"), Number(root, "duplicates"), Text(root, "cursor"), ReadFaults(root), Number(root, "errorsOmitted"));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new SpillwayException($"The answer is not the JSON of docs/protocol.md: {e.Message}; check that the address is a Spillway hub's.", e);
        }
    }

    private static LineFault[] ReadFaults(JsonElement root) => root.TryGetProperty("errors", out var errors)
        ? [.. errors.EnumerateArray().Select(static fault =>
            new LineFault(Number(fault, "line"), (int)Number(fault, "status"), Text(fault, "title"), Text(fault, "detail"), Text(fault, "field")))]
        : [];

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt64() : 0;

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
