using System.Text;
using Spillway.Events;
using Spillway.History;

namespace Spillway.TestKit;

/// <summary>A history that is only looked at: it lists the topics it was given.</summary>
internal sealed class FixedHistory(params TopicSummary[] topics) : IHistory
{
    public ulong Epoch { get; init; } = 1;

    public long Head { get; init; }

    public long Tail { get; init; }

    public long NextOffset => Head + 1;

    public (long Events, long Bytes) Size { get; init; }

    public long TopicCount => topics.Length;

    /// <summary>How often it was asked for topics.</summary>
    public int Lists { get; private set; }

    public IReadOnlyList<TopicSummary> ListTopics(string prefix, string? after, int limit, Func<ReadOnlySpan<byte>, bool>? isShown)
    {
        Lists++;
        return
        [
            .. topics.Where(topic => topic.Topic.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(topic.Topic, after ?? "") > 0
                && isShown?.Invoke(Encoding.UTF8.GetBytes(topic.Topic)) != false).Take(limit),
        ];
    }

    public bool IsEnded(ReadOnlySpan<byte> topic) => throw new NotSupportedException();

    public void Append(ReadOnlySpan<byte> records) => throw new NotSupportedException();

    public HistoryPage Read(SelectorSet selectors, long after, long upTo, int maxBytes) => throw new NotSupportedException();

    public long MayLackUpTo(long after) => throw new NotSupportedException();

    public long FindSince(long time) => throw new NotSupportedException();

    public long FindLast(SelectorSet selectors, int count) => throw new NotSupportedException();

    public bool HasAny(SelectorSet selectors, long after) => throw new NotSupportedException();

    /// <summary>What it answers as a snapshot.</summary>
    public HistoryPage? Snapshot { get; init; }

    public HistoryPage Newest(SelectorSet selectors, long after, long upTo, int maxKeys, int maxBytes) => Snapshot ?? throw new NotSupportedException();

    public void Dispose()
    {
    }
}
