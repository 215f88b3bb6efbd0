using Spillway.Delivery;

namespace Spillway.Hub;

/// <summary>A connection that a loop writes to.</summary>
internal interface IRunningConnection : IConnectionOwner
{
    /// <summary>Why it ended, when it has.</summary>
    Task<CloseReason> Ended { get; }
}
