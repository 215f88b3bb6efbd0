using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Spillway.Events;

namespace Spillway.Ingress;

/// <summary>The answers to a publisher whose events were taken.</summary>
internal static class PublishAnswer
{
    /// <summary>What was added or was there already, and where the last event is.</summary>
    public static Task WriteAsync(HttpContext context, CommitLevel commit, int accepted, int duplicates, Position last, CursorCodec cursors)
    {
        var body = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            WriteCounts(json, accepted, duplicates, last, cursors);
            json.WriteEndObject();
        }

        return WriteAsync(context, commit, body);
    }

    /// <summary>Where a topic's end is.</summary>
    public static Task WriteEndAsync(HttpContext context, CommitLevel commit, Position end, CursorCodec cursors)
    {
        var body = new ArrayBufferWriter<byte>(64);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("cursor"u8, cursors.TextOf(end));
            json.WriteEndObject();
        }

        return WriteAsync(context, commit, body);
    }

    public static void WriteCounts(Utf8JsonWriter json, long accepted, long duplicates, Position last, CursorCodec cursors)
    {
        json.WriteNumber("accepted"u8, accepted);
        json.WriteNumber("duplicates"u8, duplicates);
        if (accepted + duplicates > 0)
        {
            json.WriteString("cursor"u8, cursors.TextOf(last));
        }
    }

    /// <summary>202 where the events may still be lost to a crash (RFC 9110, section 15.3.3), else 200.</summary>
    public static async Task WriteAsync(HttpContext context, CommitLevel commit, ArrayBufferWriter<byte> body)
    {
        var response = context.Response;
        response.StatusCode = commit == CommitLevel.Memory ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
