namespace Spillway.Ingress;

/// <summary>What an event's fields are called where it came from, so that a problem names what the publisher wrote.</summary>
internal sealed class EventFieldNames
{
    public static readonly EventFieldNames Json = new();

    public static readonly EventFieldNames Headers = new()
    {
        Type = "Spillway-Type",
        Payload = "body",
        ContentType = "Content-Type",
        Key = "Spillway-Key",
        Priority = "Spillway-Priority",
        Ttl = "Spillway-Ttl",
        Private = "Spillway-Private",
        Final = "Spillway-Final",
        Id = "Spillway-Id",
        Alternates = "Spillway-Alternate",
    };

    /// <summary>Those of Mercure's form, where all topics have one name.</summary>
    public static readonly EventFieldNames Form = new() { Payload = "data", Alternates = "topic" };

    public string Topic { get; } = "topic";

    public string Alternates { get; private init; } = "alternates";

    public string Type { get; private init; } = "type";

    public string Payload { get; private init; } = "payload";

    public string ContentType { get; private init; } = "contentType";

    public string Key { get; private init; } = "key";

    public string Priority { get; private init; } = "priority";

    public string Ttl { get; private init; } = "ttl";

    public string Private { get; private init; } = "private";

    public string Final { get; private init; } = "final";

    public string Id { get; private init; } = "id";

    /// <summary>One of the alternates, counted from 0.</summary>
    public string Alternate(int index) =>
        ReferenceEquals(this, Json) ? $"{Alternates}[{index}]" : Alternates;
}
