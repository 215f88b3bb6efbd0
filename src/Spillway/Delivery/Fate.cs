namespace Spillway.Delivery;

/// <summary>What becomes of an event in a slow connection's backlog.</summary>
internal enum Fate : byte
{
    /// <summary>It is sent.</summary>
    Sent,

    /// <summary>It was given up, and that was told.</summary>
    Told,

    /// <summary>It is given up as the connection passes it in replay, and told then.</summary>
    Untold,

    /// <summary>It waits until what is kept before it is written: then it is given up, with all that came by then.</summary>
    Waiting,

    /// <summary>A newer event of its topic and key may stand for it.</summary>
    Superseded,

    /// <summary>The connection ends before it.</summary>
    Refused,
}
