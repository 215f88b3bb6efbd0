namespace Spillway.Operations;

/// <summary>Whether the hub can serve.</summary>
internal enum HubState
{
    /// <summary>It reads its history.</summary>
    Starting,

    /// <summary>It takes publishers and subscribers.</summary>
    Ready,

    /// <summary>It ends its connections. For good.</summary>
    Stopping,
}
