namespace Spillway.Transports.Parked;

/// <summary>How the wait for a client's own end was over. All but the first are counted under these names.</summary>
internal enum LingerEnd : byte
{
    /// <summary>The client has closed.</summary>
    InTime,

    /// <summary>It took too long.</summary>
    Late,

    /// <summary>It went on sending.</summary>
    Talkative,

    /// <summary>Too many others waited, and of all it waited longest.</summary>
    Full,

    /// <summary>The hub has stopped.</summary>
    Stopped,
}
