namespace Spillway.Cli.Demo;

/// <summary>Watches one sensor: an alert begins at the limit and ends only at the lower clear value.</summary>
internal sealed class Watch(SensorKind kind)
{
    private DateTimeOffset? _since;
    private double _peak;

    /// <summary>Takes up an alert that began before the process did.</summary>
    public void Resume(DateTimeOffset since, double peak)
    {
        _since = since;
        _peak = peak;
    }

    /// <summary>Whether this reading begins or ends an alert.</summary>
    public bool TrySee(Reading reading, out Alert alert)
    {
        if (_since is { } since)
        {
            _peak = Math.Max(_peak, reading.Value);
            alert = Tell(reading, raised: false, since);
            if (reading.Value > kind.Clear)
            {
                return false;
            }

            _since = null;
            return true;
        }

        _peak = reading.Value;
        alert = Tell(reading, raised: true, reading.Time);
        if (reading.Value < kind.Limit)
        {
            return false;
        }

        _since = reading.Time;
        return true;
    }

    private Alert Tell(Reading reading, bool raised, DateTimeOffset since)
        => new(reading.Sensor, raised, reading.Value, _peak, since, reading.Time, reading.Run, reading.Sequence);
}
