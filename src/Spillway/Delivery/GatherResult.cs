namespace Spillway.Delivery;

/// <summary>What a visit found.</summary>
internal enum GatherResult
{
    /// <summary>Nothing up to the head.</summary>
    Nothing,

    /// <summary>A run; maybe an empty one behind which more follows.</summary>
    Run,

    /// <summary>An event that it should have had left the window.</summary>
    FellOut,
}
