using System.Text;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Publishing;

/// <summary>An answer to a publisher, read whole.</summary>
internal sealed record PublishResponse(int Status, string? ContentType, TimeSpan? RetryAfter, JsonElement Body)
{
    public int Accepted => Body.GetProperty("accepted").GetInt32();

    public int Duplicates => Body.GetProperty("duplicates").GetInt32();

    public string? Cursor => Text("cursor");

    /// <summary>The problem's name, if it is one.</summary>
    public string? Problem => Text("type")?.Replace("urn:spillway:problem:", "", StringComparison.Ordinal);

    public string? Field => Text("field");

    /// <summary>Line and status of each error of a stream.</summary>
    public IReadOnlyList<(int Line, int Status, string? Field)> Errors =>
    [
        .. Body.GetProperty("errors").EnumerateArray().Select(static error => (
            error.GetProperty("line").GetInt32(),
            error.GetProperty("status").GetInt32(),
            error.TryGetProperty("field", out var name) ? name.GetString() : null)),
    ];

    public static async Task<PublishResponse> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new PublishResponse((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.RetryAfter?.Delta, Parse(body));
    }

    public static JsonElement Parse(byte[] body)
    {
        using var document = JsonDocument.Parse(body.Length == 0 ? "{}"u8.ToArray() : body);
        return document.RootElement.Clone();
    }

    public string? Text(string member) => Body.TryGetProperty(member, out var value) ? value.GetString() : null;

    public override string ToString() => $"{Status} {ContentType} {Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(Body))}";
}
