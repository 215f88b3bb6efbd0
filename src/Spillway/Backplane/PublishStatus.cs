namespace Spillway.Backplane;

/// <summary>Why a batch was taken or refused.</summary>
internal enum PublishStatus
{
    /// <summary>Committed.</summary>
    Committed,

    /// <summary>One of an event's topics has ended (409).</summary>
    TopicEnded,

    /// <summary>An id came again with another event (422).</summary>
    IdReused,

    /// <summary>The ingress queue is full (503, Retry-After).</summary>
    Overloaded,

    /// <summary>The hub is stopping (503).</summary>
    ShuttingDown,

    /// <summary>History could not be written or synced (503).</summary>
    Failed,

    /// <summary>So, because the disk has no room (507).</summary>
    DiskFull,
}
