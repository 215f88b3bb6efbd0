using System.Buffers;
using Spillway.Events;

namespace Spillway.Backplane;

/// <summary>Events on their way to be ordered, as unstamped records (<c>EventRecord</c>).</summary>
/// <param name="Records">Whole records, one behind the other; <see cref="EventFlags.Ephemeral"/> is already set where a rule asks for it. Written to by the orderer.</param>
/// <param name="Count">How many records.</param>
/// <param name="Publisher">Whose ids these are: ids of different publishers never meet. Empty on an open hub.</param>
internal sealed record EventBatch(ArrayBufferWriter<byte> Records, int Count, string Publisher)
{
    /// <summary>When the publisher is answered.</summary>
    public CommitLevel Commit { get; init; } = CommitLevel.Synced;

    /// <summary>The events from <paramref name="from"/> up to <paramref name="to"/>: itself if that is all, else a copy.</summary>
    public EventBatch Slice(int from, int to)
    {
        if (from == 0 && to == Count)
        {
            return this;
        }

        var start = 0;
        var end = 0;
        for (var index = 0; index < to; index++)
        {
            start = index == from ? end : start;
            end += EventRecord.LengthAt(Records.WrittenSpan[end..]);
        }

        var records = new ArrayBufferWriter<byte>(end - start);
        records.Write(Records.WrittenSpan[start..end]);
        return new EventBatch(records, to - from, Publisher) { Commit = Commit };
    }
}
