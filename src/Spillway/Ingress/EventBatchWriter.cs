using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Validates events and writes them as the records of one batch. Used by one request at a time.</summary>
internal sealed class EventBatchWriter(LimitOptions limits, RuleBook rules, EventFieldNames names, Publisher publisher)
{
    private readonly ArrayBufferWriter<byte> _records = new();

    public int Count { get; private set; }

    /// <summary>Whether the next event might not fit.</summary>
    public bool IsFull => Count >= limits.BatchEvents || _records.WrittenCount + (long)limits.EventBytes > limits.BatchBytes;

    /// <summary>The records so far. Whose ids they have stands in the ids themselves, for history outlives a batch.</summary>
    public EventBatch ToBatch(CommitLevel commit) => new(_records, Count, Publisher: "") { Commit = commit };

    /// <summary>Begins again. What <see cref="ToBatch"/> gave must no longer be in use.</summary>
    public void Clear()
    {
        _records.ResetWrittenCount();
        Count = 0;
    }

    public bool TryAdd(PushEvent source, [NotNullWhen(false)] out Problem? problem)
    {
        if (!EventValidator.TryValidate(source, names, out problem))
        {
            return false;
        }

        problem = publisher.FindFault(source, names);
        if (problem is not null)
        {
            return false;
        }

        source = AsKept(source);
        var rule = FindRule(source.Topic);
        var length = source.Payload.Length > limits.EventBytes ? source.Payload.Length : EventRecordWriter.Measure(source, rule);
        if (length > limits.EventBytes)
        {
            problem = Problem.EventTooLarge(length, limits.EventBytes);
            return false;
        }

        if (Count >= limits.BatchEvents)
        {
            problem = Problem.BatchTooLarge("The batch has more events than the limit", "Limits:BatchEvents", limits.BatchEvents);
            return false;
        }

        if (_records.WrittenCount + (long)length > limits.BatchBytes)
        {
            problem = Problem.BatchTooLarge("The batch's events take more bytes than the limit", "Limits:BatchBytes", limits.BatchBytes);
            return false;
        }

        var isEphemeral = !rule.History && !source.Final; // That a topic has ended must outlive its end.
        EventRecordWriter.Write(source, isEphemeral ? EventFlags.Ephemeral : EventFlags.None, _records, rule);
        Count++;
        return true;
    }

    /// <summary>Adds what ends a topic without being an event.</summary>
    public bool TryAddEnd(string topic, [NotNullWhen(false)] out Problem? problem)
    {
        problem = EventValidator.FindTopicFault(names.Topic, topic) ?? publisher.FindFault(names.Topic, topic);
        if (problem is not null)
        {
            return false;
        }

        EventRecordWriter.Write(new PushEvent { Topic = topic, Final = true }, EventFlags.Marker, _records);
        Count++;
        return true;
    }

    private TopicRule FindRule(string name)
    {
        var current = rules.Current;
        if (current.Only is { } only)
        {
            return only;
        }

        Span<byte> topic = stackalloc byte[Topic.MaxBytes];
        return current.For(topic[..Encoding.UTF8.GetBytes(name, topic)]);
    }

    /// <summary>Every topic once, no traceparent that is none, and an id that is nobody else's.</summary>
    private PushEvent AsKept(PushEvent source)
    {
        var id = publisher.Scope(source.Id);
        var traceParent = TraceParent.Check(source.TraceParent);
        var distinct = source.Alternates;
        if (distinct.Count > 0)
        {
            distinct = [.. source.Alternates.Where(topic => topic != source.Topic).Distinct(StringComparer.Ordinal)];
        }

        if (distinct.Count == source.Alternates.Count && traceParent == source.TraceParent && id == source.Id)
        {
            return source;
        }

        return new PushEvent
        {
            Topic = source.Topic,
            Alternates = distinct,
            Type = source.Type,
            Payload = source.Payload,
            ContentType = source.ContentType,
            Key = source.Key,
            Priority = source.Priority,
            Ttl = source.Ttl,
            Private = source.Private,
            Final = source.Final,
            Id = id,
            TraceParent = traceParent,
            Retry = source.Retry,
        };
    }
}
