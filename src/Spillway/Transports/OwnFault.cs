namespace Spillway.Transports;

/// <summary>What of ours ended a connection. Counted under these names.</summary>
internal enum OwnFault : byte
{
    /// <summary>The kernel does not watch its socket.</summary>
    NotWatched,

    /// <summary>What its client sent could not be read.</summary>
    Reading,

    /// <summary>A command of its client could not be answered.</summary>
    Command,
}
