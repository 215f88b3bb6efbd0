using Spillway.Delivery;

namespace Spillway.Transports.Parked;

/// <summary>Names a parked connection while something is asked of it; nothing is kept of it otherwise.</summary>
internal sealed record ParkedPlace(int Number, int Generation) : IConnectionPlace
{
    public (int Number, int Generation) Place => (Number, Generation);
}
