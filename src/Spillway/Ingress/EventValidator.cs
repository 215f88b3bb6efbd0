using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>The rules of docs/protocol.md, section 1, for the fields of an event. The same for every way in.</summary>
internal static class EventValidator
{
    public const int MaxAlternates = 15;
    public const int MaxTypeBytes = 128;
    public const int MaxContentTypeBytes = 128;
    public const int MaxKeyBytes = 256;
    public const int MaxIdBytes = 128;
    public static readonly TimeSpan MinTtl = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan MaxTtl = TimeSpan.FromDays(365);

    public static bool TryValidate(PushEvent source, EventFieldNames names, [NotNullWhen(false)] out Problem? problem)
    {
        problem = FindTopicFault(names.Topic, source.Topic)
            ?? FindAlternatesFault(source.Alternates, names)
            ?? FindTypeFault(source.Type, names)
            ?? FindContentTypeFault(source.ContentType, names)
            ?? FindKeyFault(source.Key, names)
            ?? FindPriorityFault(source.Priority, names)
            ?? FindTtlFault(source.Ttl, names)
            ?? FindIdFault(source.Id, names.Id);
        return problem is null;
    }

    public static Problem? FindTopicFault(string field, string topic)
    {
        if (topic is null)
        {
            return Problem.InvalidEvent(field, null, $"{field} is null; give the event a topic.");
        }

        return Topic.TryValidate(topic, out var fault) ? null : Problem.InvalidTopic(field, topic, fault);
    }

    /// <summary>An id is 1 to 128 bytes of visible ASCII; null is none.</summary>
    public static Problem? FindIdFault(string? id, string field)
    {
        if (id is null || (id.Length is > 0 and <= MaxIdBytes && !id.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            return null;
        }

        var fault = id.Length == 0 ? "is empty; leave it out, or give it"
            : id.Length > MaxIdBytes ? $"is {id.Length} characters long; give it"
            : "holds something else than visible ASCII; give it";
        return Problem.InvalidEvent(field, id, $"{field} {fault} 1 to {MaxIdBytes} letters, digits and signs.");
    }

    private static Problem? FindAlternatesFault(IReadOnlyList<string> alternates, EventFieldNames names)
    {
        if (alternates is null || alternates.Count > MaxAlternates)
        {
            return Problem.InvalidEvent(
                names.Alternates, null, $"{names.Alternates} names {alternates?.Count ?? 0} topics; at most {MaxAlternates} are allowed, and an empty list is not null.");
        }

        for (var i = 0; i < alternates.Count; i++)
        {
            if (alternates[i] is null || !Topic.TryValidate(alternates[i], out _))
            {
                return FindTopicFault(names.Alternate(i), alternates[i]);
            }
        }

        return null;
    }

    private static Problem? FindTypeFault(string? type, EventFieldNames names)
    {
        if (type is null)
        {
            return null;
        }

        if (FindTextFault(type, names.Type, MaxTypeBytes) is { } problem)
        {
            return problem;
        }

        if (type is "open" or "error" || type.StartsWith("spillway-", StringComparison.Ordinal))
        {
            // An EventSource uses the first two itself, and the hub's signals have the prefix.
            return Problem.InvalidEvent(names.Type, type, $"{names.Type} \"{type}\" is reserved, like \"open\", \"error\" and what begins with \"spillway-\"; choose another name.");
        }

        foreach (var c in type)
        {
            if (char.IsControl(c))
            {
                return Problem.InvalidEvent(names.Type, type, $"{names.Type} holds the control character U+{(int)c:X4}; take it out.");
            }
        }

        return null;
    }

    private static Problem? FindContentTypeFault(string? contentType, EventFieldNames names)
    {
        if (contentType is null || (contentType.Length <= MaxContentTypeBytes && !contentType.AsSpan().ContainsAnyExceptInRange(' ', '~')))
        {
            return null;
        }

        return Problem.InvalidEvent(
            names.ContentType, contentType, $"{names.ContentType} is not a media type of at most {MaxContentTypeBytes} characters of ASCII, such as \"application/json\".");
    }

    private static Problem? FindKeyFault(string? key, EventFieldNames names) => key is null ? null : FindTextFault(key, names.Key, MaxKeyBytes);

    private static Problem? FindPriorityFault(EventPriority? priority, EventFieldNames names) =>
        priority is null or EventPriority.Low or EventPriority.Normal or EventPriority.Critical ? null : EventWords.BadPriority(names.Priority, $"{priority}");

    private static Problem? FindTtlFault(TimeSpan? ttl, EventFieldNames names)
    {
        if (ttl is not { } value || (value >= MinTtl && value <= MaxTtl))
        {
            return null;
        }

        var seconds = value.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem.InvalidEvent(names.Ttl, seconds, $"{names.Ttl} is {seconds} s; give it 1 ms to 365 d, or leave it out.");
    }

    private static Problem? FindTextFault(string text, string field, int maxBytes)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > maxBytes)
        {
            return Problem.InvalidEvent(field, text, $"{field} is {bytes} bytes long; at most {maxBytes} are allowed.");
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return Problem.InvalidEvent(field, null, $"{field} holds half a character (a lone surrogate); it must be valid text.");
            }
        }

        return null;
    }
}
