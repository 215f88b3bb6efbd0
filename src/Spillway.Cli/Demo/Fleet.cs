namespace Spillway.Cli.Demo;

/// <summary>All sensors, sampled in turn at a steady rate. Not safe for several threads.</summary>
/// <remarks>The same seed, count, rate and steps give the same values.</remarks>
internal sealed class Fleet
{
    private const double ExcursionLeast = 6; // Seconds between the beginnings of two excursions:
    private const double ExcursionMost = 14; // 10 on average, so that a visitor sees an alert soon and can still read each.

    // The machine, or the hub, may stall: sensors do not make up for more than this.
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(1);

    private readonly Curve[] _curves;
    private readonly Watch[] _watches;
    private readonly string[] _runs;
    private readonly long[] _sequences;
    private readonly bool[] _retired;
    private readonly Random _random;
    private readonly double _rate;
    private readonly double _step;
    private double _due;
    private double _untilExcursion;
    private int _next;

    /// <param name="rate">Readings a second, of all sensors together.</param>
    /// <param name="run">Names the numbering of sensors that have none to continue.</param>
    public Fleet(IReadOnlyList<Sensor> sensors, double rate, int seed, string run)
    {
        Sensors = sensors;
        _rate = rate;
        _step = sensors.Count / rate;
        _random = new Random(seed);
        _untilExcursion = 2;
        _curves = [.. sensors.Select((sensor, index) => new Curve(sensor.Kind, unchecked((seed * 1_000_003) + index)))];
        _watches = [.. sensors.Select(sensor => new Watch(sensor.Kind))];
        _runs = [.. sensors.Select(_ => run)];
        _sequences = new long[sensors.Count];
        _retired = new bool[sensors.Count];
    }

    public IReadOnlyList<Sensor> Sensors { get; }

    /// <summary>Goes on with a numbering that subscribers already know.</summary>
    public void Continue(int sensor, string run, long sequence)
    {
        _runs[sensor] = run;
        _sequences[sensor] = sequence;
    }

    /// <summary>Takes up an alert that subscribers already know, so that its end is told to them.</summary>
    public void ContinueAlert(int sensor, DateTimeOffset since, double peak) => _watches[sensor].Resume(since, peak);

    /// <summary>A sensor whose topic was ended measures no more.</summary>
    public void Retire(int sensor) => _retired[sensor] = true;

    /// <summary>Adds what the sensors measured since the last call, and the alerts that follow from it.</summary>
    public void Advance(TimeSpan elapsed, DateTimeOffset now, ICollection<Reading> readings, ICollection<Alert> alerts)
    {
        var seconds = Math.Min(elapsed.TotalSeconds, LongestStep.TotalSeconds);
        _untilExcursion -= seconds;
        if (_untilExcursion <= 0)
        {
            _untilExcursion = ExcursionLeast + ((ExcursionMost - ExcursionLeast) * _random.NextDouble());
            BeginExcursion();
        }

        for (_due += seconds * _rate; _due >= 1; _due--)
        {
            Sample(_next, now, readings, alerts);
            _next = (_next + 1) % Sensors.Count;
        }
    }

    private void BeginExcursion()
    {
        var first = _random.Next(_curves.Length);
        for (var offset = 0; offset < _curves.Length; offset++)
        {
            var sensor = (first + offset) % _curves.Length;
            if (!_curves[sensor].HasExcursion && !_retired[sensor])
            {
                _curves[sensor].Disturb(_step);
                return;
            }
        }
    }

    private void Sample(int sensor, DateTimeOffset now, ICollection<Reading> readings, ICollection<Alert> alerts)
    {
        if (_retired[sensor])
        {
            return;
        }

        var reading = new Reading(sensor, _runs[sensor], ++_sequences[sensor], _curves[sensor].Next(_step), now);
        readings.Add(reading);
        if (_watches[sensor].TrySee(reading, out var alert))
        {
            alerts.Add(alert);
        }
    }
}
