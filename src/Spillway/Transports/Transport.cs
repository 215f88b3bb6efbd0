namespace Spillway.Transports;

/// <summary>How events reach a subscriber.</summary>
internal enum Transport
{
    /// <summary>None that is on.</summary>
    None,

    /// <summary>Server-Sent Events.</summary>
    EventStream,

    /// <summary>Long polling.</summary>
    Polling,
}
