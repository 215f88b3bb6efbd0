namespace Spillway.History.Storage;

/// <summary>Why a start begins a new epoch.</summary>
internal enum BranchCause
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>The directory is a copy, or was restored.</summary>
    Copied,

    /// <summary>Nothing says any more whether it is.</summary>
    StateLost,

    /// <summary>The operator says that it is.</summary>
    Asked,
}
