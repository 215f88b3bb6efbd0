namespace Spillway.Transports.WebSocket;

/// <summary>What a client did that ends its connection. Counted under these names.</summary>
internal enum ClientFault : byte
{
    None,

    /// <summary>A reserved bit is set: no extension was agreed upon.</summary>
    ReservedBit,
    NotMasked,
    ReservedOpcode,
    FragmentedControl,
    LongControl,

    /// <summary>A length that is not in its shortest form, or above 2⁶³.</summary>
    LengthForm,

    /// <summary>A continuation of nothing, or a message within another.</summary>
    FragmentOrder,

    /// <summary>A close frame whose code is half, or may not be sent.</summary>
    CloseCode,

    /// <summary>A message that is not text.</summary>
    Binary,

    /// <summary>A text that is not UTF-8, the reason of a close frame too.</summary>
    InvalidText,
    TooLong,
    TooManyFragments,
    TooManyMessages,

    /// <summary>A message, or a frame, that did not come whole in time.</summary>
    SlowMessage,

    /// <summary>It did not answer the hub's close frame.</summary>
    NotClosed,

    /// <summary>It sent more over an event stream than is read and forgotten.</summary>
    Talkative,
}
