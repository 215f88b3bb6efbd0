using Spillway.Events;
using Spillway.History;

namespace Spillway.Microbenchmarks;

/// <summary>A history that nobody reads: these measurements stay inside the window.</summary>
internal sealed class NoHistory : IHistory
{
    public ulong Epoch => 7;

    public long Head => 0;

    public long Tail => 0;

    public long NextOffset => 1;

    public long TopicCount => 0;

    public (long Events, long Bytes) Size => (0, 0);

    public void Append(ReadOnlySpan<byte> records)
    {
    }

    public HistoryPage Read(SelectorSet selectors, long after, long upTo, int maxBytes) => new(after, upTo, default, null);

    public long MayLackUpTo(long after) => throw new NotSupportedException();

    public long FindSince(long time) => 0;

    public long FindLast(SelectorSet selectors, int count) => 0;

    public bool HasAny(SelectorSet selectors, long after) => false;

    public HistoryPage Newest(SelectorSet selectors, long after, long upTo, int maxKeys, int maxBytes) => new(0, upTo, default, null);

    public bool IsEnded(ReadOnlySpan<byte> topic) => false;

    public IReadOnlyList<TopicSummary> ListTopics(string prefix, string? after, int limit, Func<ReadOnlySpan<byte>, bool>? isShown) => [];

    public void Trim(long now)
    {
    }

    public void Dispose()
    {
    }
}
