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
}
