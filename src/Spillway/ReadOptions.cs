namespace Spillway;

/// <summary>What a reader wants.</summary>
public sealed class ReadOptions
{
    /// <summary>Topics, by their exact names. Default: none.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Patterns over topics, as a subscription has them. Default: none.</summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>Where to begin. Default: <see cref="ReadStart.Earliest"/>.</summary>
    public ReadStart Start { get; init; } = ReadStart.Earliest;

    /// <summary>
    /// Whether to go on with what is published when everything there is has been read: until the reader is cancelled, the hub stops, or, without patterns, all topics
    /// have ended. Default: false.
    /// </summary>
    public bool Follow { get; init; }
}
