namespace Spillway.Access;

/// <summary>Why a subscription has no grant.</summary>
internal enum RefusalKind
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>An exact topic is not granted.</summary>
    Topic,

    /// <summary>No grant overlaps a pattern.</summary>
    Pattern,

    /// <summary>What is granted of it takes more topics and patterns than a subscription may have.</summary>
    TooMany,
}
