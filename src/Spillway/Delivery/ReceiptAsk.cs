using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>A subscriber says that it has processed an event. As a task: what the hub knows of the event.</summary>
/// <param name="place">Which connection it is.</param>
/// <param name="position">The event's.</param>
/// <param name="ephemeral">Its number behind the position if it is an ephemeral one; else 0.</param>
internal sealed class ReceiptAsk(IConnectionPlace place, Position position, uint ephemeral) : TaskCompletionSource<Receipt>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public IConnectionPlace Connection => place;

    public Position Position => position;

    public uint Ephemeral => ephemeral;
}
