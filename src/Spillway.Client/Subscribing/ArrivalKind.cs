namespace Spillway.Client.Subscribing;

/// <summary>What an <see cref="Arrival"/> is.</summary>
internal enum ArrivalKind
{
    /// <summary>A position and nothing else.</summary>
    Position,

    /// <summary>A signal of the hub; its data are JSON.</summary>
    Signal,

    /// <summary>An event in JSON.</summary>
    Event,

    /// <summary>An event as <c>spillway.v1.binary</c> frames it.</summary>
    BinaryEvent,

    /// <summary>An event that was longer than the subscription allows; its data are missing.</summary>
    Oversized,
}
