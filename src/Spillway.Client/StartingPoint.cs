using System.Globalization;

namespace Spillway.Client;

/// <summary>Where a subscription begins.</summary>
public sealed class StartingPoint
{
    private StartingPoint(string name, string value)
    {
        Name = name;
        Value = value;
    }

    /// <summary>With what is published from now on.</summary>
    public static StartingPoint Now { get; } = new("", "");

    /// <summary>With the oldest event the hub still keeps.</summary>
    public static StartingPoint Earliest { get; } = new("earliest", "true");

    /// <summary>With the newest event of every topic and key, then live, without a hole.</summary>
    public static StartingPoint Snapshot { get; } = new("snapshot", "true");

    /// <summary>The parameter of the protocol; empty for <see cref="Now"/>.</summary>
    internal string Name { get; }

    internal string Value { get; }

    /// <summary>After a cursor that was stored earlier (<see cref="StreamItem.Cursor"/>).</summary>
    public static StartingPoint After(string cursor)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(cursor);
        return new("cursor", cursor);
    }

    /// <summary>With the first event at or after a time.</summary>
    public static StartingPoint Since(DateTimeOffset time) =>
        new("since", time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>With the first event that is not older than a duration, by the hub's clock.</summary>
    public static StartingPoint Since(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new("since", string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(age.TotalMilliseconds):F0}ms"));
    }

    /// <summary>With the newest <paramref name="events"/> events of the subscription: 1 to 10,000, unless the hub sets another limit.</summary>
    public static StartingPoint Last(int events)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(events, 1);
        return new("last", events.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The parameter as it stands in a URL.</summary>
    public override string ToString() => Name.Length == 0 ? "now" : $"{Name}={Value}";
}
