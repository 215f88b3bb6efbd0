using Spillway.Events;

namespace Spillway.History;

/// <summary>
/// The ordered, bounded log from which a subscriber resumes. One thread appends; any thread reads, without blocking the appender for longer than a page copy.
/// </summary>
internal interface IHistory : IDisposable
{
    /// <summary>The identity of this history.</summary>
    ulong Epoch { get; }

    /// <summary>The offset of the newest record written; 0 if there never was one.</summary>
    long Head { get; }

    /// <summary>The offset before the oldest record kept.</summary>
    long Tail { get; }

    /// <summary>
    /// The next offset to use: above every offset that was ever used. After a restart also above the one before it, which no record has: what is numbered behind that
    /// one is numbered behind it for the first time.
    /// </summary>
    long NextOffset { get; }

    /// <summary>Records and bytes kept now.</summary>
    (long Events, long Bytes) Size { get; }

    /// <summary>Appends whole stamped records with increasing offsets. Returns when they are written. The appender's thread only.</summary>
    void Append(ReadOnlySpan<byte> records);

    /// <summary>Whether syncing means anything: it is on a disk.</summary>
    bool IsDurable => false;

    /// <summary>The offset up to which everything outlives a power loss; where nothing does, the head.</summary>
    long Synced => Head;

    /// <summary>Returns when all that was appended before the call is synced. One thread, beside the appender's.</summary>
    /// <exception cref="IOException">It is not; the next append or sync tries elsewhere.</exception>
    void Sync()
    {
        // Where nothing is durable, there is nothing to do.
    }

    /// <summary>Lets go of what has become too old by <paramref name="now"/> (milliseconds since 1970). Cheap; for times when nothing is appended. Any thread.</summary>
    void Trim(long now)
    {
        // Where nothing becomes too old, there is nothing to do.
    }

    /// <summary>
    /// Reads what <paramref name="selectors"/> select after <paramref name="after"/> and up to <paramref name="upTo"/>: at least one record if there is one,
    /// else as many as fit in <paramref name="maxBytes"/>. A page with a gap begins with it: the gap lies before the page's first record. Before a second gap a page ends.
    /// </summary>
    HistoryPage Read(SelectorSet selectors, long after, long upTo, int maxBytes);

    /// <summary>
    /// Finds where a position is in this history, which may be a branch of the one that it is of. False: what followed it there is not here; then the offset is where the two parted, or,
    /// of a history that is not known here, the tail.
    /// </summary>
    bool TryFind(Position position, out long offset)
    {
        var isHere = position.Epoch == Epoch;
        offset = isHere ? position.Offset : Tail;
        return isHere;
    }

    /// <summary>The offset up to which something that followed another one, behind the tail, may be gone, for a rule or damage took it; that other one itself: all is there. Reads nothing.</summary>
    long MayLackUpTo(long after);

    /// <summary>The offset after which every record has at least this time (milliseconds since 1970).</summary>
    long FindSince(long time);

    /// <summary>The offset after which exactly <paramref name="count"/> selected events follow, or all that there are. Markers do not count.</summary>
    long FindLast(SelectorSet selectors, int count);

    /// <summary>Whether a selected event (not a marker) follows; also true where one followed, or may have, that is no longer kept: a gap is to be told.</summary>
    bool HasAny(SelectorSet selectors, long after);

    /// <summary>
    /// The newest selected event of every (topic, key, visibility) up to <paramref name="upTo"/>, in order of offsets, as a page from the tail. A missing key is a key of its own. Markers are
    /// left out. The newest of them only where there are more than <paramref name="maxKeys"/>, or than fit in <paramref name="maxBytes"/>: then the page says that those before are missing.
    /// What is damaged has no key any more: the page tells all of it, for an older event may stand in the place of the newest.
    /// </summary>
    HistoryPage Snapshot(SelectorSet selectors, long upTo, int maxKeys, int maxBytes) => Newest(selectors, 0, upTo, maxKeys, maxBytes);

    /// <summary>
    /// The same of those after <paramref name="after"/>, or the tail: what else is in between is superseded. What retention has taken of it is not told. It reads no more records than there are keys in
    /// each segment.
    /// </summary>
    HistoryPage Newest(SelectorSet selectors, long after, long upTo, int maxKeys, int maxBytes);

    /// <summary>Whether a topic has ended, as far as retention remembers.</summary>
    bool IsEnded(ReadOnlySpan<byte> topic);

    /// <summary>Topics with the prefix, after a name, in the order of their bytes.</summary>
    /// <param name="prefix">What they begin with.</param>
    /// <param name="after">They come after this name; null: from the first one.</param>
    /// <param name="limit">The most of them.</param>
    /// <param name="isShown">Which of them count, in UTF-8; null: all. Whoever sees few of many asks once, not page by page: every page looks at all that is kept.</param>
    IReadOnlyList<TopicSummary> ListTopics(string prefix, string? after, int limit, Func<ReadOnlySpan<byte>, bool>? isShown = null);

    /// <summary>Distinct topics kept.</summary>
    long TopicCount { get; }
}
