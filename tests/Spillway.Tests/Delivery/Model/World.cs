using Spillway.History;

namespace Spillway.Tests.Delivery.Model;

/// <summary>What a script's hub is like, from one number.</summary>
internal readonly record struct World(int Number)
{
    /// <summary>Numbers below it are worlds of their own.</summary>
    public const int Count = 32;

    /// <summary>Whether events may be longer than a page of history.</summary>
    public bool IsLarge => (Number & 1) != 0;

    /// <summary>The longest payload: the window must hold four such events.</summary>
    public int MostBytes => IsLarge ? 100_000 : 14_000;

    public SpillwayOptions MakeOptions()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = 64;
        options.Delivery.WindowBytes = IsLarge ? 512 * 1024 : 64 * 1024;
        options.Delivery.ReplayReaders = 0; // LoopRig.Turn makes the pages.
        options.Delivery.ReplayCacheBytes = (Number & 8) != 0 ? 0 : options.Delivery.ReplayCacheBytes;
        options.Delivery.ReplayPages = (Number & 16) != 0 ? 1 : options.Delivery.ReplayPages;
        options.Limits.Topics = 100;
        options.Limits.Connections = 200;
        return options;
    }

    /// <summary>What history keeps: everything, or less than the window, or about as much.</summary>
    public HistoryLimits? MakeLimits(SpillwayOptions options)
    {
        var all = HistoryLimits.From(options.History);
        return (Number >> 1 & 3) switch
        {
            1 => all with { MaxEvents = 30, SegmentEvents = 4 },
            2 => all with { MaxBytes = 64 * 1024, SegmentBytes = 8 * 1024, IndexRetention = 1 },
            3 => all with { MaxMilliseconds = 3_000, SegmentMilliseconds = 500, IndexRetention = 0 },
            _ => all,
        };
    }
}
