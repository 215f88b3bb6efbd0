namespace Spillway.Delivery;

/// <summary>Where a connection is.</summary>
internal interface IConnectionPlace
{
    /// <summary>Its number and generation on its loop, once it is adopted.</summary>
    (int Number, int Generation) Place { get; }
}
