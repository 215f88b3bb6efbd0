namespace Spillway.Delivery;

/// <summary>See <see cref="LoopCommand"/>.</summary>
internal enum LoopCommandKind : byte
{
    /// <summary>Takes a new connection; the argument is an <see cref="Adoption"/>.</summary>
    Adopt,

    /// <summary>The sink may be written to again.</summary>
    Ready,

    /// <summary>The subscriber is gone.</summary>
    Gone,

    /// <summary>The sink cannot serve the connection.</summary>
    Failed,

    /// <summary>A page of history has come; the argument is a <see cref="ReplayPage"/>.</summary>
    Page,

    /// <summary>A connection's own end asks for something; the argument is a <see cref="ConnectionAsk"/>.</summary>
    Ask,

    /// <summary>The subscriber has processed an event; the argument is a <see cref="ReceiptAsk"/>.</summary>
    Receipt,

    /// <summary>The subscriber has answered a ping.</summary>
    Heard,

    /// <summary>Asks something on the loop's own thread; the argument is an <see cref="ILoopQuery"/>.</summary>
    Query,

    /// <summary>Looks at every lease: some were taken back.</summary>
    Review,

    /// <summary>Ends all connections kindly; the argument is the <see cref="TimeSpan"/> over which, or null: at once.</summary>
    Drain,

    /// <summary>Ends what is left, and the loop.</summary>
    Stop,
}
