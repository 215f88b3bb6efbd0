using Spillway.Client.Subscribing;

namespace Spillway.Client;

/// <summary>What to subscribe to, and from where.</summary>
public sealed class SubscribeOptions
{
    /// <summary>Exact topics. Together with <see cref="Patterns"/> at least one, and at most 1,000.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Patterns: a segment <c>*</c> stands for exactly one non-empty segment, a last segment <c>**</c> for zero or more.</summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>Where to begin. Every reconnect goes on behind the last item handed out. Default: with what is published from now on.</summary>
    public StartingPoint Start { get; init; } = StartingPoint.Now;

    /// <summary>How the subscription travels. Default: <see cref="Transport.Sse"/>.</summary>
    public Transport Transport { get; init; } = Transport.Sse;

    /// <summary>While this reader is slow, it gets only the newest event of every topic and key, whatever the topics' rules say. Default: false.</summary>
    public bool Latest { get; init; }

    /// <summary>
    /// The least time between two writes of the hub: what comes in between arrives together, but for critical events, which come at once. 10 ms to 60 s; a hub may allow
    /// less. Default: null, as the topics' rules say.
    /// </summary>
    public TimeSpan? Batch { get; init; }

    /// <summary>
    /// The most bytes of one event as it is sent; a longer one is skipped and told as a <see cref="GapNotice"/> of reason <see cref="GapReason.Oversized"/>.
    /// Default: 8 MiB, which holds an event of the hub's default limit in every encoding.
    /// </summary>
    public int MaxEventBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>How many ids of events are remembered, so that one that comes again after a reconnect is not handed out twice. Default: 1,024.</summary>
    public int RememberedIds { get; init; } = 1_024;

    /// <summary>After so many failed attempts in a row the failure is thrown. 0 (default): never; an attempt at most every 30 s goes on for as long as the stream is read.</summary>
    public int MaxAttempts { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Start);
        if (Topics.Count + Patterns.Count == 0)
        {
            throw new ArgumentException("A subscription needs at least one topic or pattern.", nameof(Topics));
        }

        if (!Enum.IsDefined(Transport))
        {
            throw new ArgumentOutOfRangeException(nameof(Transport), Transport, "There is no such transport; use Sse, WebSocket or LongPolling.");
        }

        if (Transport == Transport.WebSocket)
        {
            ValidateForWebSocket();
        }

        if (Batch is { } batch && (batch < TimeSpan.FromMilliseconds(10) || batch > TimeSpan.FromMinutes(1)))
        {
            throw new ArgumentOutOfRangeException(nameof(Batch), batch, "A batch interval is from 10 ms to 60 s; leave it null for none.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEventBytes, 1_024);
        ArgumentOutOfRangeException.ThrowIfLessThan(RememberedIds, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxAttempts);
    }

    /// <summary>A handshake has no body: everything stands in its URL.</summary>
    private void ValidateForWebSocket()
    {
        const string Remedy = "use patterns, several subscriptions, or another transport, which sends them in a body";
        var count = Topics.Count + Patterns.Count;
        if (count > SubscribeRequest.MaxQuerySelectors)
        {
            throw new ArgumentException($"A WebSocket takes at most {SubscribeRequest.MaxQuerySelectors} topics and patterns, and these are {count}; {Remedy}.");
        }

        var length = SubscribeRequest.WriteQuery(this, begin: true).Length;
        if (length > SubscribeRequest.MaxBareQueryLength)
        {
            throw new ArgumentException($"The topics and patterns of a WebSocket stand in its URL, and would make it {length} characters longer; {SubscribeRequest.MaxBareQueryLength} are allowed: {Remedy}.");
        }
    }
}
