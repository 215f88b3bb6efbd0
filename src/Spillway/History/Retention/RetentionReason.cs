namespace Spillway.History.Retention;

/// <summary>Why an event is no longer kept.</summary>
internal enum RetentionReason
{
    /// <summary>It is kept.</summary>
    None,

    /// <summary>It is older than its rule, or the hub, keeps events.</summary>
    Age,

    /// <summary>Its rule's own bytes are for newer ones.</summary>
    QuotaBytes,

    /// <summary>Its rule's own number of events is for newer ones.</summary>
    QuotaEvents,

    /// <summary>The hub's bytes are for newer ones, and for those of rules with a quota.</summary>
    Bytes,

    /// <summary>The hub's number of events likewise.</summary>
    Events,
}
