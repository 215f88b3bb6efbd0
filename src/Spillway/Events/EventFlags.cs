namespace Spillway.Events;

/// <summary>What an event's record says in its flag byte.</summary>
[Flags]
internal enum EventFlags : byte
{
    None = 0,

    /// <summary>Only for subscribers with a grant.</summary>
    Private = 1,

    /// <summary>Ends its canonical topic.</summary>
    Final = 2,

    /// <summary>Has a slot but no offset of its own, and is not in history.</summary>
    Ephemeral = 4,

    /// <summary>Ends its topic and is no event: nothing is delivered for it.</summary>
    Marker = 8,

    /// <summary>Two bits: <see cref="EventPriority"/>.</summary>
    PriorityMask = 0x30,

    /// <summary>The priority is not the publisher's but that of the topic's rule at the time.</summary>
    RulePriority = 0x40,

    /// <summary>The same for the ttl.</summary>
    RuleTtl = 0x80,
}
