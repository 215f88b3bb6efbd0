using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Reads an event whose payload is a request's body from the request's headers.</summary>
internal static class EventHeaders
{
    private const string Prefix = "Spillway-";

    public static bool TryRead(
        IHeaderDictionary headers, string topic, ReadOnlyMemory<byte> payload, [NotNullWhen(true)] out PushEvent? source, [NotNullWhen(false)] out Problem? problem)
    {
        source = null;
        var names = EventFieldNames.Headers;
        problem = FindUnknown(headers);
        if (problem is not null
            || !TryGetOne(headers, names.Type, out var type, out problem)
            || !TryGetOne(headers, names.ContentType, out var contentType, out problem)
            || !TryGetOne(headers, names.Key, out var key, out problem)
            || !TryGetOne(headers, names.Id, out var ownId, out problem)
            || !IdempotencyKey.TryRead(headers, out var idempotencyKey, out problem)
            || !TryGetFlag(headers, names.Private, out var isPrivate, out problem)
            || !TryGetFlag(headers, names.Final, out var isFinal, out problem)
            || !TryGetOne(headers, names.Priority, out var priorityText, out problem)
            || !TryGetOne(headers, names.Ttl, out var ttlText, out problem))
        {
            return false;
        }

        EventPriority? priority = null;
        if (priorityText is not null && !EventWords.TryParsePriority(priorityText, out priority))
        {
            problem = EventWords.BadPriority(names.Priority, priorityText);
            return false;
        }

        TimeSpan? ttl = null;
        if (ttlText is not null && !EventWords.TryParseTtl(ttlText, out ttl))
        {
            problem = EventWords.BadTtl(names.Ttl, ttlText);
            return false;
        }

        source = new PushEvent
        {
            Topic = topic,
            Alternates = headers[names.Alternates].ToArray()!,
            Type = type,
            Payload = payload,
            ContentType = contentType,
            Key = key,
            Priority = priority,
            Ttl = ttl,
            Private = isPrivate,
            Final = isFinal,
            Id = idempotencyKey ?? ownId,
            TraceParent = ReadTraceParent(headers),
        };
        return true;
    }

    /// <summary>The request's own trace context; null if it has none that is well-formed.</summary>
    public static string? ReadTraceParent(IHeaderDictionary headers) =>
        headers.TraceParent is { Count: 1 } values ? TraceParent.Check(values[0]) : null;

    /// <summary>A header that may come once. Absent and empty are the same.</summary>
    public static bool TryGetOne(IHeaderDictionary headers, string name, out string? value, [NotNullWhen(false)] out Problem? problem)
    {
        (value, problem) = (null, null);
        if (!headers.TryGetValue(name, out var values) || StringValues.IsNullOrEmpty(values))
        {
            return true;
        }

        if (values.Count > 1)
        {
            problem = Problem.InvalidEvent(name, values.ToString(), $"{name} comes {values.Count} times; send it once.");
            return false;
        }

        value = values[0];
        return true;
    }

    private static bool TryGetFlag(IHeaderDictionary headers, string name, out bool flag, [NotNullWhen(false)] out Problem? problem)
    {
        flag = false;
        if (!TryGetOne(headers, name, out var text, out problem))
        {
            return false;
        }

        flag = text == "true";
        problem = text is null or "true" or "false" ? null : Problem.InvalidEvent(name, text, $"{name} \"{Problem.Cut(text)}\" is neither \"true\" nor \"false\".");
        return problem is null;
    }

    /// <summary>A misspelt ttl must not be lost in silence, in a header as little as in JSON.</summary>
    private static Problem? FindUnknown(IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && !IsKnown(name))
            {
                return Problem.InvalidEvent(name, values.ToString(), $"{name} is no field of an event; docs/protocol.md, section 1, lists them.");
            }
        }

        return null;
    }

    private static bool IsKnown(string name) => name.ToUpperInvariant() is
        "SPILLWAY-ALTERNATE" or "SPILLWAY-TYPE" or "SPILLWAY-KEY" or "SPILLWAY-PRIORITY" or "SPILLWAY-TTL" or "SPILLWAY-PRIVATE" or "SPILLWAY-FINAL"
        or "SPILLWAY-ID" or "SPILLWAY-CLIENT";
}
