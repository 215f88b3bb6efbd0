namespace Spillway;

/// <summary>What those may do who present nothing.</summary>
public sealed class AnonymousOptions
{
    /// <summary>Topics and patterns that anybody may publish to. Default: none.</summary>
    public IList<string> Publish { get; } = [];

    /// <summary>Topics and patterns that anybody may subscribe to. Default: none.</summary>
    public IList<string> Subscribe { get; } = [];
}
