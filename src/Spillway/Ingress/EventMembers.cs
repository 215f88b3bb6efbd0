using System.Text;
using System.Text.Json;

namespace Spillway.Ingress;

/// <summary>The names of an event's members in JSON.</summary>
internal static class EventMembers
{
    // The usual ones first: the search is linear.
    private static readonly (string Name, byte[] Utf8, EventMember Member)[] All =
    [
        Named("topic", EventMember.Topic),
        Named("payload", EventMember.Payload),
        Named("type", EventMember.Type),
        Named("id", EventMember.Id),
        Named("key", EventMember.Key),
        Named("contentType", EventMember.ContentType),
        Named("payloadBase64", EventMember.PayloadBase64),
        Named("alternates", EventMember.Alternates),
        Named("priority", EventMember.Priority),
        Named("ttl", EventMember.Ttl),
        Named("private", EventMember.Private),
        Named("final", EventMember.Final),
        Named("traceparent", EventMember.TraceParent),
    ];

    /// <summary>Which member the reader's property name is.</summary>
    public static EventMember Find(ref Utf8JsonReader reader)
    {
        foreach (var (_, utf8, member) in All)
        {
            if (reader.ValueTextEquals(utf8))
            {
                return member;
            }
        }

        return EventMember.None;
    }

    public static string NameOf(EventMember member)
    {
        foreach (var (name, _, candidate) in All)
        {
            if (candidate == member)
            {
                return name;
            }
        }

        return "event";
    }

    private static (string Name, byte[] Utf8, EventMember Member) Named(string name, EventMember member) => (name, Encoding.UTF8.GetBytes(name), member);
}
