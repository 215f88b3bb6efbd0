namespace Spillway.Cli.Demo;

/// <summary>What a sensor measures, how its curve moves, and where an alert begins and ends.</summary>
/// <param name="Name">The last segment of the sensor's topic.</param>
/// <param name="Middle">The value around which the sensors of this kind lie.</param>
/// <param name="Spread">How far a sensor's own middle may lie from it, to either side.</param>
/// <param name="Drift">How far the load moves a value from its middle.</param>
/// <param name="Noise">The standard deviation of what cannot be foreseen.</param>
/// <param name="Limit">An alert begins at this value.</param>
/// <param name="Clear">An alert ends at this value; it lies below the limit, or noise would raise and clear without end.</param>
internal sealed record SensorKind(
    string Name, string Unit, int Decimals, double Middle, double Spread, double Drift, double Noise, double Limit, double Clear)
{
    public static readonly SensorKind Temperature = new("temperature", "°C", 1, Middle: 67, Spread: 4, Drift: 7, Noise: 0.4, Limit: 90, Clear: 84);

    // 7.1 mm/s is where ISO 10816-3 says that a machine of this size is not fit to run on.
    public static readonly SensorKind Vibration = new("vibration", "mm/s", 2, Middle: 2.6, Spread: 0.6, Drift: 1.1, Noise: 0.2, Limit: 7.1, Clear: 5.6);

    public static readonly SensorKind Pressure = new("pressure", "bar", 2, Middle: 6.1, Spread: 0.35, Drift: 0.65, Noise: 0.06, Limit: 8.5, Clear: 7.8);

    public static IReadOnlyList<SensorKind> All { get; } = [Temperature, Vibration, Pressure];
}
