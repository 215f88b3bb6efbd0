namespace Spillway.Operations;

/// <summary>What the hub tells of itself, beside its history.</summary>
internal interface IHubStatus
{
    /// <summary>Subscribers connected now, on all transports.</summary>
    long Connections { get; }

    /// <summary>When the hub began to serve.</summary>
    DateTimeOffset StartedAt { get; }
}
