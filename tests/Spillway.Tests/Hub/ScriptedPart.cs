namespace Spillway.Tests.Hub;

/// <summary>A part of a hub that takes over what a test says.</summary>
internal sealed class ScriptedPart : IReloadable
{
    public bool HasChange { get; set; }

    /// <summary>What stands against any change; null for nothing.</summary>
    public string? Fault { get; set; }

    public int Applied { get; private set; }

    public int Dropped { get; private set; }

    public PreparedChange? Prepare(SpillwayOptions options) =>
        Fault is not null ? throw new InvalidOperationException(Fault) : HasChange ? new PreparedChange(() => Applied++, () => Dropped++) : null;
}
