using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>How a connection stands, for others than its loop.</summary>
/// <param name="Id">It.</param>
/// <param name="Number">Its number on its loop.</param>
/// <param name="Generation">Which use of the number it is.</param>
/// <param name="Format">The wire format.</param>
/// <param name="State">Where it gets its events from.</param>
/// <param name="IsSlow">Whether it does not keep up.</param>
/// <param name="Cursor">Up to where its subscriber has everything.</param>
/// <param name="Age">How long its loop has it.</param>
/// <param name="Lease">On what terms it stays; null: on none.</param>
/// <param name="Selectors">What it is subscribed to.</param>
internal sealed record ConnectionView(
    ulong Id, int Number, int Generation, WireFormat Format, ConnectionState State, bool IsSlow, Position Cursor, TimeSpan Age, Lease? Lease, SelectorSet Selectors) : IConnectionPlace
{
    public (int Number, int Generation) Place => (Number, Generation);
}
