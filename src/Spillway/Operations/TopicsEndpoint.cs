using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Access;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;
using Spillway.Problems;

namespace Spillway.Operations;

/// <summary><c>GET /admin/topics</c>.</summary>
internal static class TopicsEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    /// <summary>Operators see all topics, others those that they may subscribe to.</summary>
    public static Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        var isGood = TryRead(context.Request.Query, out var prefix, out var after, out var limit, out var problem);
        context.RequestServices.GetRequiredService<AuditLog>().Note(context, ticket, "list topics", context.Request.QueryString.Value ?? "", isGood ? "listed" : problem!.Name);
        if (!isGood)
        {
            return ProblemWriter.WriteAsync(context, problem!);
        }

        // One more than asked for tells whether anything follows.
        var history = context.RequestServices.GetRequiredService<IBackplane>().History;
        var topics = ticket.Admin ? history.ListTopics(prefix, after, limit + 1) : GrantedTopics.List(history, ticket.Subscribe, prefix, after, limit + 1);
        return JsonAnswer.WriteAsync(context, (topics, limit), WriteMembers);
    }

    private static bool TryRead(IQueryCollection query, out string prefix, out string? after, out int limit, out Problem? problem)
    {
        (prefix, after, limit, problem) = ("", null, DefaultLimit, null);
        foreach (var (name, values) in query)
        {
            var value = values.ToString();
            var fault = values.Count > 1 ? "is there more than once; give it once" : name switch
            {
                "prefix" => FaultOfText(prefix = value),
                "after" => FaultOfText(after = value),
                "limit" => FaultOfLimit(value, out limit),
                _ when name.StartsWith('_') => "",
                _ => "is not known here; use prefix, after and limit",
            };
            if (fault.Length > 0)
            {
                problem = Problem.InvalidParameter(name, value, $"The parameter \"{Problem.Cut(name)}\" {fault}.");
                return false;
            }
        }

        return true;
    }

    private static string FaultOfText(string text) =>
        Encoding.UTF8.GetByteCount(text) > Topic.MaxBytes ? $"is longer than a topic; give it at most {Topic.MaxBytes} bytes" : "";

    private static string FaultOfLimit(string text, out int limit) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit
            ? "" : $"is \"{text}\"; give it a number from 1 to {MaxLimit}";

    private static void WriteMembers(Utf8JsonWriter json, (IReadOnlyList<TopicSummary> Topics, int Limit) page)
    {
        json.WriteStartArray("topics"u8);
        foreach (var topic in page.Topics.Take(page.Limit))
        {
            json.WriteStartObject();
            json.WriteString("topic"u8, topic.Topic);
            json.WriteNumber("events"u8, topic.Events);
            json.WriteString("lastTime"u8, DateTimeOffset.FromUnixTimeMilliseconds(topic.LastTime).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteBoolean("ended"u8, topic.Ended);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("next"u8);
        json.WriteStringValue(page.Topics.Count > page.Limit ? page.Topics[page.Limit - 1].Topic : null);
    }
}
