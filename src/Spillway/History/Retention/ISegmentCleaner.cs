namespace Spillway.History.Retention;

/// <summary>Makes a segment anew with what stays of it: in memory, or in the directory.</summary>
internal interface ISegmentCleaner
{
    /// <summary>Whether something that was given up may come back after a crash.</summary>
    bool HasToDelete { get; }

    /// <summary>Whether retention may take from a segment, if it is not the one that is written.</summary>
    bool CanClean(ISegment segment);

    /// <summary>Its index and records, for measuring; null if they are not to be had at the moment.</summary>
    ISegmentRecords? Open(ISegment segment);

    /// <summary>Whether segments, one behind the other, can become one.</summary>
    bool CanJoin(ISegment first, ISegment next);

    /// <summary>
    /// Makes the new one of one or more, one behind the other, with what <paramref name="take"/> leaves of the records. Nothing refers to it yet. Null: it cannot be made now,
    /// or <paramref name="take"/> says that it need not be; all is as it was.
    /// </summary>
    CleanedSegment? TryMake(IReadOnlyList<ISegment> segments, Survivors take);

    /// <summary>Gives a new one up that nobody wants any more.</summary>
    void GiveUp(CleanedSegment made);
}
