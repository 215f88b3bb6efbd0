namespace Spillway.Delivery;

/// <summary>Names a connection whose place is known, while something is asked of it.</summary>
internal sealed record FixedPlace(int Number, int Generation) : IConnectionPlace
{
    public (int Number, int Generation) Place => (Number, Generation);
}
