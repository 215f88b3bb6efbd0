namespace Spillway.Backplane;

/// <summary>Whether history can be written, as far as the last tries say, and what a publisher is told when it could not.</summary>
internal sealed class CommitHealth(TimeProvider clock)
{
    private const long Never = long.MinValue;

    private const string Unknown =
        "History could not be written; whether the events were added is not known. Publish them again with the same ids when the hub is well.";

    private const string Full =
        "The disk of history is full; whether the events were added is not known. Make room or let history keep less, then publish them again with the same ids.";

    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    private long _failedAt = Never;

    /// <summary>Ends by itself: a hub to which nobody sends publishers because it failed would never find out that it could go on.</summary>
    public bool IsFailing => Volatile.Read(ref _failedAt) is var at and not Never && clock.GetElapsedTime(at) < Memory;

    public static PublishOutcome OutcomeOf(Exception fault) => IsDiskFull(fault)
        ? new PublishOutcome(PublishStatus.DiskFull, Detail: Full)
        : new PublishOutcome(PublishStatus.Failed, Detail: Unknown);

    public void Failed() => Volatile.Write(ref _failedAt, clock.GetTimestamp());

    public void Succeeded() => Volatile.Write(ref _failedAt, Never);

    /// <summary>ENOSPC and EDQUOT of Linux, EDQUOT of macOS, ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.</summary>
    private static bool IsDiskFull(Exception fault) => fault is IOException && fault.HResult is 28 or 122 or 69 or unchecked((int)0x80070070) or unchecked((int)0x80070027);
}
