namespace SignalRPeer;

/// <summary>What a subscriber gets: the members that an event of spillway.v1.json has.</summary>
public sealed record Envelope(string Id, string Topic, DateTimeOffset Time, string ContentType, string Payload);
