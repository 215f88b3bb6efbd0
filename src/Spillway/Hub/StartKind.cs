namespace Spillway.Hub;

/// <summary>Where a subscription begins.</summary>
internal enum StartKind
{
    /// <summary>With what is published from now on.</summary>
    Now,

    /// <summary>After a cursor.</summary>
    Cursor,

    /// <summary>With the oldest event kept.</summary>
    Earliest,

    /// <summary>With the first event at or after a time.</summary>
    Since,

    /// <summary>With the newest n events of the subscription.</summary>
    Last,

    /// <summary>With the newest event of every topic and key.</summary>
    Snapshot,
}
