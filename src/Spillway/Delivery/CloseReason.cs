namespace Spillway.Delivery;

/// <summary>Why a connection ended.</summary>
internal enum CloseReason
{
    /// <summary>The subscriber went away.</summary>
    ClientClosed,

    /// <summary>All its topics have ended.</summary>
    TopicsEnded,

    /// <summary>The hub stops.</summary>
    Shutdown,

    /// <summary>It had lived as long as it may.</summary>
    Lifetime,

    /// <summary>It took no byte for too long.</summary>
    WriteTimeout,

    /// <summary>It did not answer a ping.</summary>
    PongTimeout,

    /// <summary>It broke the rules of its transport's protocol.</summary>
    ProtocolError,

    /// <summary>Its backlog exceeded the window of a rule that disconnects.</summary>
    Overflow,

    /// <summary>Something broke on our side; the log says what.</summary>
    Failed,

    /// <summary>It was a poll, and has its answer.</summary>
    Answered,

    /// <summary>What allowed it was good until now.</summary>
    Expired,

    /// <summary>What allowed it was taken back.</summary>
    Revoked,

    /// <summary>An operator ended it.</summary>
    Disconnected,

    /// <summary>It had to end at once, for one of the three reasons above, and stood in the midst of an event or took nothing: it was not told.</summary>
    CutOff,
}
