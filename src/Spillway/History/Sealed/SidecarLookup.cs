using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Finds a few topics and their records in a sidecar by some small reads, without loading it: for the many segments of which a subscriber wants next to nothing.</summary>
internal sealed class SidecarLookup(IDiskFile file, SidecarHead head)
{
    /// <summary>With more records than this, loading the whole index, which then stays in the cache, is the better bargain: the next page asks again.</summary>
    private const int MostRecords = 128;

    private const int LongestName = 512 + 8; // With the numbers before it.

    private readonly SidecarDirectory _topics = SidecarReader.ReadTopicDirectory(file, head);
    private readonly List<(byte[] Name, SidecarTopic Topic, int[] Ordinals)> _found = [];

    /// <summary>The index of these topics' records alone; null if they are too many.</summary>
    public (SegmentIndex Index, LoadedParts Parts)? TryRead(ReadOnlySpan<(byte[] Name, ulong Hash)> topics)
    {
        var records = 0;
        foreach (var (name, _) in topics)
        {
            if (SidecarReader.MayHold(file, head, name) && !TryFind(name, ref records))
            {
                return null;
            }
        }

        var ordinals = _found.SelectMany(static topic => topic.Ordinals).Distinct().Order().ToArray();
        var parts = ReadRecords(ordinals);
        return (SegmentIndex.Restore(head, MakeTopics(ordinals, parts.Postings), parts), parts);
    }

    private bool TryFind(byte[] name, ref int records)
    {
        var number = FindPiece(name);
        if (number < 0)
        {
            return true;
        }

        var scan = new SidecarScan(_topics.Read(file, head.TopicsAt, number));
        var names = new NameBuffer(0);
        for (var i = number * SidecarTopics.PerPiece; i < Math.Min((number + 1) * SidecarTopics.PerPiece, head.Topics); i++)
        {
            names.ReadNext(ref scan);
            var topic = SidecarTopic.Read(ref scan, head);
            var isWanted = names.Last.SequenceEqual(name);
            records += isWanted ? topic.Postings : 0;
            if (records > MostRecords)
            {
                return false;
            }

            var ordinals = new int[isWanted ? topic.Postings : 0];
            for (var (posting, ordinal) = (0, -1); posting < topic.Postings; posting++)
            {
                ordinal = scan.ReadOrdinal(ordinal, head.Count);
                if (isWanted)
                {
                    ordinals[posting] = ordinal;
                }
            }

            if (isWanted)
            {
                _found.Add((name, topic, ordinals));
                return true;
            }
        }

        return true;
    }

    /// <summary>The piece that has a name, if any has; -1 if it comes before all. On the way names are read unchecked; the piece that is found, and the one behind it, are not.</summary>
    private int FindPiece(byte[] name)
    {
        var (low, high) = (0, _topics.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (FirstName(middle, isChecked: false).AsSpan().SequenceCompareTo(name) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        if (low + 1 < _topics.Count && FirstName(low + 1, isChecked: true).AsSpan().SequenceCompareTo(name) <= 0)
        {
            throw SidecarScan.Damaged(); // An unchecked name has misled the search.
        }

        return FirstName(low, isChecked: true).AsSpan().SequenceCompareTo(name) <= 0 ? low : low == 0 ? -1 : throw SidecarScan.Damaged();
    }

    private byte[] FirstName(int piece, bool isChecked)
    {
        var bytes = isChecked ? _topics.Read(file, head.TopicsAt, piece) : new byte[Math.Min(LongestName, _topics.EndOf(piece) - _topics.StartOf(piece))];
        if (!isChecked && file.Read(head.TopicsAt + _topics.StartOf(piece), bytes) < bytes.Length)
        {
            throw SidecarScan.Damaged();
        }

        var scan = new SidecarScan(bytes);
        scan.ReadCount(0);
        return scan.ReadName().ToArray();
    }

    private LoadedParts ReadRecords(int[] ordinals)
    {
        var parts = new LoadedParts(ordinals.Length, 0);
        var directory = ordinals.Length > 0 ? SidecarReader.ReadRecordDirectory(file, head) : null;
        for (var next = 0; next < ordinals.Length;)
        {
            var piece = ordinals[next] / SidecarRecords.PerPiece;
            SidecarRecords.Read(directory!.Read(file, head.RecordsAt, piece), piece, head, record =>
            {
                if (next < ordinals.Length && record.Ordinal == ordinals[next])
                {
                    // One that supersedes has the same canonical topic: it was found too, or this one by an alternate, and then nobody asks.
                    var superseding = record.Next == 0 ? -1 : Array.BinarySearch(ordinals, record.Next - 1);
                    parts.Set(next++, record, superseding < 0 ? 0 : superseding + 1);
                }
            });
        }

        return parts;
    }

    private TopicTable MakeTopics(int[] ordinals, PostingLists postings)
    {
        _found.Sort(static (x, y) => x.Name.AsSpan().SequenceCompareTo(y.Name));
        var entries = new TopicEntry[_found.Count];
        var used = 0;
        for (var number = 0; number < entries.Length; number++)
        {
            var (name, topic, found) = _found[number];
            var tail = postings.Start();
            entries[number] = new TopicEntry
            {
                Hash = TopicHash.Of(name),
                NameAt = used,
                NameLength = name.Length,
                FirstSlice = tail.At,
                PublicCount = topic.PublicCount,
                PrivateCount = topic.PrivateCount,
                LastTime = topic.LastTime,
            };
            used += name.Length;
            foreach (var ordinal in found)
            {
                tail = postings.Append(tail, Array.BinarySearch(ordinals, ordinal));
            }
        }

        return TopicTable.Restore(entries, [.. _found.SelectMany(static topic => topic.Name)]);
    }
}
