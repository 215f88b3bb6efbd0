using Spillway.Delivery;

namespace Spillway.Hub;

/// <summary>A connection that a loop writes to.</summary>
internal interface IRunningConnection : IConnectionOwner
{
    /// <summary>Why it ended, when it has.</summary>
    Task<CloseReason> Ended { get; }

    /// <summary>Has its loop do something between two events; false if the connection has ended before. One at a time.</summary>
    Task<bool> AskAsync(ConnectionAsk ask);

    /// <summary>Has its loop find what the hub knows of an event.</summary>
    Task<Receipt> AskAsync(ReceiptAsk ask);

    /// <summary>The subscriber has answered a ping.</summary>
    void Heard();
}
