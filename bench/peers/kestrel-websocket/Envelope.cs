using System.Text.Json.Serialization;

namespace KestrelWebSocketPeer;

/// <summary>What a subscriber gets: the members that an event of spillway.v1.json has.</summary>
internal sealed record Envelope(string Id, string Topic, DateTimeOffset Time, string ContentType, string Payload);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
