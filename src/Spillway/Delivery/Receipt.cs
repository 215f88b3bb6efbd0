namespace Spillway.Delivery;

/// <summary>What came of a subscriber's receipt.</summary>
/// <param name="Outcome">Whether its event was found.</param>
/// <param name="Age">How long ago the hub had accepted the event; only where it was found.</param>
internal readonly record struct Receipt(ReceiptOutcome Outcome, TimeSpan Age = default);
