namespace Spillway.Access.Tokens;

/// <summary>How sets of keys are looked for, and how large they may be.</summary>
internal sealed record KeySetLimits
{
    /// <summary>The most bytes of a set.</summary>
    public int Bytes { get; init; } = 256 * 1024;

    /// <summary>The most keys of a set.</summary>
    public int Keys { get; init; } = 100;

    /// <summary>The least time between two looks, whoever asks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so long it is looked again without anybody asking.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For so long keys are used that could not be looked for again.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long one look may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
