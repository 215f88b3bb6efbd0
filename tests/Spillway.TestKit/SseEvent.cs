namespace Spillway.TestKit;

/// <summary>What an EventSource hands to its page: <c>type</c>, <c>data</c> and <c>lastEventId</c> of a MessageEvent.</summary>
internal sealed record SseEvent(string Type, string Data, string LastEventId);
