using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Spillway.Problems;

/// <summary>Answers a request with a problem.</summary>
internal static class ProblemWriter
{
    public const string MediaType = "application/problem+json";

    /// <summary>For text that is read as JSON and never as HTML: quotes and umlauts may stay legible.</summary>
    public static readonly JsonWriterOptions Legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the whole answer. The response must not have begun.</summary>
    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Allow is { } allow)
        {
            response.Headers.Allow = allow;
        }

        if (problem.Challenge is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
        }

        var body = new ArrayBufferWriter<byte>(512);
        Write(problem, body);
        response.ContentLength = body.WrittenCount;
        try
        {
            await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
    }

    private static void Write(Problem problem, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Legible);
        Write(problem, json);
    }

    /// <summary>Writes the problem as an object.</summary>
    public static void Write(Problem problem, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, Problem.TypePrefix + problem.Name);
        json.WriteString("title"u8, problem.Title);
        json.WriteNumber("status"u8, problem.Status);
        json.WriteString("detail"u8, problem.Detail);
        if (problem.Field is { } field)
        {
            json.WriteString("field"u8, field);
        }

        if (problem.Value is { } value)
        {
            json.WriteString("value"u8, value);
        }

        if (problem.Index is { } index)
        {
            json.WriteNumber("index"u8, index);
        }

        if (problem.Option is { } option)
        {
            json.WriteString("option"u8, option);
            json.WriteNumber("limit"u8, problem.Limit ?? 0);
        }

        json.WriteEndObject();
    }
}
