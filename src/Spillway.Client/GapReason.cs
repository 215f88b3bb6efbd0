namespace Spillway.Client;

/// <summary>Why events were not delivered.</summary>
public enum GapReason
{
    /// <summary>A reason that this version does not know.</summary>
    Other,

    /// <summary>The connection was slow and its backlog exceeded what the hub holds for it; or a snapshot exceeded the hub's limits.</summary>
    Overflow,

    /// <summary>They were older than what the hub keeps.</summary>
    Retention,

    /// <summary>The cursor belongs to another history, for example to one that was replaced.</summary>
    Lost,

    /// <summary>They were damaged on disk.</summary>
    Corrupt,

    /// <summary>They were older than their ttl.</summary>
    Expired,

    /// <summary>The hub gave them up under load.</summary>
    Shed,

    /// <summary>This client skipped one that is longer than <see cref="SubscribeOptions.MaxEventBytes"/>.</summary>
    Oversized,
}
