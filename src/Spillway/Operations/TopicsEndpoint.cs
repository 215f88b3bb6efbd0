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
    /// <summary>Operators see all topics, others those that they may subscribe to.</summary>
    public static Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        var problem = Read(context.Request.Query, out var asked);
        context.RequestServices.GetRequiredService<AuditLog>().Note(context, ticket, "list topics", context.Request.QueryString.Value ?? "", problem?.Name ?? "listed");
        if (problem is not null)
        {
            return ProblemWriter.WriteAsync(context, problem);
        }

        var (prefix, after, limit) = asked;

        // One more than asked for tells whether anything follows.
        var history = context.RequestServices.GetRequiredService<IBackplane>().History;
        var topics = ticket.Admin ? history.ListTopics(prefix, after, limit + 1) : GrantedTopics.List(history, ticket.Subscribe, prefix, after, limit + 1);
        return JsonAnswer.WriteAsync(context, (topics, limit), WriteMembers);
    }

    private static Problem? Read(IQueryCollection query, out (string Prefix, string? After, int Limit) asked)
    {
        var (prefix, after, limit) = ("", (string?)null, PageQuery.DefaultLimit);
        var problem = PageQuery.Read(query, (name, value) => name switch
        {
            "prefix" => FaultOfText(prefix = value),
            "after" => FaultOfText(after = value),
            "limit" => PageQuery.TakeLimit(value, out limit),
            _ => "is not known here; use prefix, after and limit",
        });
        asked = (prefix, after, limit);
        return problem;
    }

    private static string FaultOfText(string text) =>
        Encoding.UTF8.GetByteCount(text) > Topic.MaxBytes ? $"is longer than a topic; give it at most {Topic.MaxBytes} bytes" : "";

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
