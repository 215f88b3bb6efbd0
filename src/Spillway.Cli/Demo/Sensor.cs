namespace Spillway.Cli.Demo;

/// <summary>One sensor: where it is mounted and what it measures.</summary>
internal sealed record Sensor(string Site, string Machine, SensorKind Kind)
{
    /// <summary>For example <c>plant/north/press-3/temperature</c>.</summary>
    public string Topic { get; } = $"plant/{Site}/{Machine}/{Kind.Name}";

    /// <summary>For example <c>alerts/north</c>.</summary>
    public string AlertTopic { get; } = $"alerts/{Site}";

    /// <summary>Names the sensor within its site, so that a snapshot of <c>alerts/**</c> holds one alert per sensor.</summary>
    public string Key { get; } = $"{Machine}/{Kind.Name}";
}
