namespace Spillway.Operations;

/// <summary>Whether the hub can serve.</summary>
internal enum HubState
{
    /// <summary>It reads its history.</summary>
    Starting,

    /// <summary>It takes publishers and subscribers.</summary>
    Ready,

    /// <summary>The backplane cannot order events; connected subscribers keep what they have.</summary>
    Failed,

    /// <summary>It ends its connections. For good.</summary>
    Stopping,
}
