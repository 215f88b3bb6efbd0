namespace Spillway.Delivery;

[Flags]
internal enum ConnectionFlags : uint
{
    None = 0,

    /// <summary>The sink took less than it was given, or asked to wait: nothing is written until it is ready.</summary>
    Behind = 1,

    /// <summary>It was behind since it last caught up: the overflow policies may apply.</summary>
    Slow = 2,

    /// <summary>It stands in the direct queue.</summary>
    Queued = 4,

    /// <summary>It wants signals.</summary>
    Signals = 8,

    /// <summary>Bytes copied aside (a signal, an ephemeral event) go first.</summary>
    Rest = 16,

    /// <summary>It replays a snapshot up to its floor.</summary>
    Snapshot = 32,

    /// <summary><see cref="HotConnection.Passed"/> is right: it has been live without interruption.</summary>
    Counted = 64,

    /// <summary>A page was asked for and has not come.</summary>
    PageAsked = 128,

    /// <summary>It ends as soon as it is not behind.</summary>
    Draining = 256,

    /// <summary>Its cursor was ahead of the head: events up to its offset are not for it.</summary>
    Ahead = 512,

    /// <summary>It was told that it is slow, and has not caught up since.</summary>
    SlowTold = 1024,

    /// <summary>It left the window because it is slow, and is told with the next page.</summary>
    SlowDue = 4096,

    /// <summary>It asked for the newest value of each key when it is slow, whatever the rules say.</summary>
    Latest = 2048,

    /// <summary>It was sent a ping and has not answered it.</summary>
    PongDue = 65_536,

    /// <summary>The page that was asked for is for a set that it no longer has.</summary>
    PageStale = 131_072,

    /// <summary>It was told that events had expired, and may not have passed them.</summary>
    ToldExpired = 8192,

    /// <summary>It stands in the wheel: what it is owed waits until its batch interval has passed.</summary>
    Waiting = 16384,

    /// <summary>It asked for a batch interval of its own.</summary>
    Batch = 32768,

    /// <summary>Something was written to it.</summary>
    Wrote = 262_144,

    /// <summary>It was told that its lease is about to run out.</summary>
    ExpiryTold = 524_288,
}
