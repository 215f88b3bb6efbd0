using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Spillway.Access;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary><c>POST {base}/events</c>: one event, an array of events, or a stream of lines.</summary>
internal sealed class PublishEndpoint(
    BatchCommitter committer,
    PublishResponder responder,
    RuleBook rules,
    IOptions<SpillwayOptions> options,
    TimeProvider clock,
    IHostApplicationLifetime lifetime,
    ILogger<NdjsonRequest> streamLogger)
{
    private const string Json = "application/json";
    private const string Ndjson = "application/x-ndjson";

    private readonly LimitOptions _limits = options.Value.Limits;
    private readonly HistoryOptions _history = options.Value.History;

    public static Task HandleAsync(HttpContext context, AccessTicket ticket) => context.RequestServices.GetRequiredService<PublishEndpoint>().PublishAsync(context, ticket);

    /// <summary>What no endpoint takes: a body that would have to be unpacked first.</summary>
    public static Problem? FindEncodingFault(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        return encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? null
            : Problem.UnsupportedMediaType("Content-Encoding", encoding, "the body as it is, without Content-Encoding");
    }

    private async Task PublishAsync(HttpContext context, AccessTicket ticket)
    {
        if (!TryReadMediaType(context.Request, out var isStream, out var problem)
            || !IdempotencyKey.TryRead(context.Request.Headers, out var key, out problem)
            || !CommitQuery.TryRead(context.Request, _history, out var commit, out problem))
        {
            await responder.RefuseAsync(context, problem);
            return;
        }

        var traceParent = EventHeaders.ReadTraceParent(context.Request.Headers);
        var batch = new EventBatchWriter(_limits, rules, EventFieldNames.Json, Publisher.Of(ticket));
        if (isStream)
        {
            await using var stream = new NdjsonRequest(context, batch, committer, responder, _limits, clock, streamLogger)
            {
                IdempotencyKey = key,
                TraceParent = traceParent,
                Commit = commit,
                Ticket = ticket,
                Stopping = lifetime.ApplicationStopping,
            };
            await stream.RunAsync();
            return;
        }

        await PublishJsonAsync(context, batch, commit, key, traceParent);
    }

    private async Task PublishJsonAsync(HttpContext context, EventBatchWriter batch, CommitLevel commit, string? key, string? traceParent)
    {
        Problem? problem;
        var isArray = false;
        using (var body = await RequestBody.ReadAsync(context, _limits.BatchBytes))
        {
            problem = body.IsTooLarge ? Problem.BodyTooLarge("Limits:BatchBytes", _limits.BatchBytes) : body.Problem ?? ReadEvents(body.Memory, batch, key, traceParent, out isArray);
        }

        if (problem is not null)
        {
            await responder.RefuseAsync(context, problem, batch.Count + 1);
            return;
        }

        if (batch.Count == 0)
        {
            await PublishAnswer.WriteAsync(context, commit, 0, 0, default, committer.Cursors);
            return;
        }

        (var outcome, problem) = await committer.CommitAsync(batch.ToBatch(commit), CancellationToken.None);
        if (problem is not null)
        {
            await responder.RefuseAsync(context, isArray && outcome.Index >= 0 ? problem with { Index = outcome.Index } : problem, batch.Count);
            return;
        }

        await PublishAnswer.WriteAsync(context, commit, outcome.Accepted, outcome.Duplicates, outcome.Last, committer.Cursors);
    }

    private static Problem? ReadEvents(ReadOnlyMemory<byte> body, EventBatchWriter batch, string? key, string? traceParent, out bool isArray)
    {
        isArray = false;
        if (!Utf8.IsValid(body.Span))
        {
            return Problem.InvalidJson("The body is not valid UTF-8, which JSON has to be (RFC 8259, section 8.1).");
        }

        if (body.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            return Problem.InvalidJson("The body is empty; send an event, such as {\"topic\":\"a\",\"payload\":1}, or an array of events.");
        }

        try
        {
            var reader = new EventJsonReader(body);
            reader.Read();
            isArray = reader.TokenType == JsonTokenType.StartArray;
            if (!isArray && ReadOne(ref reader, batch, key, traceParent) is { } problem)
            {
                return problem;
            }

            for (var index = 0; isArray && reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                if (ReadOne(ref reader, batch, IdempotencyKey.At(key, index), traceParent) is { } fault)
                {
                    return fault with { Index = index };
                }
            }

            reader.Read(); // It throws where something follows.
            return null;
        }
        catch (JsonException fault)
        {
            return EventWords.BadJson(fault, isLine: false);
        }
    }

    private static Problem? ReadOne(ref EventJsonReader reader, EventBatchWriter batch, string? id, string? traceParent) =>
        reader.TryReadEvent(id, traceParent, out var source, out var problem) && batch.TryAdd(source, out problem) ? null : problem;

    private static bool TryReadMediaType(HttpRequest request, out bool isStream, [NotNullWhen(false)] out Problem? problem)
    {
        isStream = false;
        problem = FindEncodingFault(request);
        if (problem is not null)
        {
            return false;
        }

        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            isStream = type.MediaType.Equals(Ndjson, StringComparison.OrdinalIgnoreCase);
            if (isStream || type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        problem = Problem.UnsupportedMediaType("Content-Type", request.ContentType, $"{Json} (one event, or an array) or {Ndjson} (an event a line), in UTF-8");
        return false;
    }
}
