namespace Spillway.Delivery;

/// <summary>See <see cref="Receipt"/>. All but the first are counted under their name.</summary>
internal enum ReceiptOutcome : byte
{
    /// <summary>Its time counts.</summary>
    Found,

    /// <summary>The connection cannot have been sent this event; or it is gone itself.</summary>
    NotSent,

    /// <summary>The event has left the window: nobody looks for it in history.</summary>
    LeftWindow,

    /// <summary>The connection was not chosen.</summary>
    NotAsked,

    /// <summary>The one before it is not long enough ago.</summary>
    TooEarly,

    /// <summary>For this event, or one behind it, there was one before.</summary>
    Repeated,
}
