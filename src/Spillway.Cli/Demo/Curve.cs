namespace Spillway.Cli.Demo;

/// <summary>The values of one sensor: a middle, the load's slow waves, noise with a memory, and now and then an excursion.</summary>
/// <remarks>The same seed and the same steps give the same values. Without an excursion a value never comes near the limit.</remarks>
internal sealed class Curve
{
    private const double NoiseMemory = 4; // Seconds; independent noise would look like hair, not like a machine.

    private readonly SensorKind _kind;
    private readonly Random _random;
    private readonly double _middle;
    private readonly double _slowPeriod;
    private readonly double _fastPeriod;
    private readonly double _phase;
    private double _time;
    private double _noise;
    private Excursion? _excursion;

    public Curve(SensorKind kind, int seed)
    {
        _kind = kind;
        _random = new Random(seed);
        _middle = kind.Middle + (kind.Spread * Between(-1, 1));
        _slowPeriod = Between(90, 180);
        _fastPeriod = Between(22, 45);
        _phase = Between(0, 2 * Math.PI);
    }

    public bool HasExcursion => _excursion is not null;

    /// <summary>Begins an excursion that crosses the limit whatever load and noise do meanwhile.</summary>
    /// <param name="step">The seconds between two values: the excursion lasts long enough for several to lie in it.</param>
    public void Disturb(double step)
    {
        var margin = _kind.Drift + (3 * _kind.Noise);
        var height = _kind.Limit - _middle + (margin * Between(1.05, 1.6));
        _excursion = new Excursion(_time, Between(3, 5) + step, Between(2, 6) + (2 * step), Between(4, 7) + step, height);
    }

    /// <summary>The value after some seconds more.</summary>
    public double Next(double seconds)
    {
        _time += seconds;
        if (_excursion is { } past && _time >= past.End)
        {
            _excursion = null;
        }

        var keep = Math.Exp(-seconds / NoiseMemory);
        var noise = (_noise * keep) + (_kind.Noise * Math.Sqrt(1 - (keep * keep)) * Gaussian());
        _noise = Math.Clamp(noise, -3 * _kind.Noise, 3 * _kind.Noise);

        var load = (0.65 * Wave(_slowPeriod)) + (0.35 * Wave(_fastPeriod));
        var value = _middle + (_kind.Drift * load) + _noise + (_excursion?.At(_time) ?? 0);
        return Math.Round(value, _kind.Decimals);
    }

    private double Wave(double period) => Math.Sin((2 * Math.PI * _time / period) + _phase);

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());

    // Box and Muller; 1 - x because the logarithm of 0 has no value.
    private double Gaussian()
        => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
