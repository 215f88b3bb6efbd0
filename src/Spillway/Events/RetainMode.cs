namespace Spillway.Events;

/// <summary>Which events of a rule outlive its retention, and the hub's.</summary>
public enum RetainMode
{
    /// <summary>None.</summary>
    None,

    /// <summary>The newest of every topic and key, so that a snapshot always has a current value.</summary>
    Latest,
}
