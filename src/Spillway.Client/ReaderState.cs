namespace Spillway.Client;

/// <summary>What an <see cref="EventReader"/> is doing.</summary>
public enum ReaderState
{
    /// <summary>Nobody reads it.</summary>
    Idle,

    /// <summary>It waits for the hub's answer.</summary>
    Connecting,

    /// <summary>It is connected.</summary>
    Open,

    /// <summary>It waits before it connects again.</summary>
    Waiting,

    /// <summary>All topics have ended: nothing will come any more.</summary>
    Ended,
}
