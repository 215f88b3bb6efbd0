namespace Spillway.Delivery;

/// <summary>What other threads ask of a loop.</summary>
internal readonly record struct LoopCommand(LoopCommandKind Kind, int Connection = 0, int Generation = 0, object? Argument = null)
{
    /// <summary>The sink may be written to again.</summary>
    public static LoopCommand Ready(int connection, int generation) => new(LoopCommandKind.Ready, connection, generation);

    /// <summary>The subscriber is gone.</summary>
    public static LoopCommand Gone(int connection, int generation) => new(LoopCommandKind.Gone, connection, generation);

    /// <summary>The sink cannot serve the connection.</summary>
    public static LoopCommand Failed(int connection, int generation) => new(LoopCommandKind.Failed, connection, generation);

    /// <summary>A page of history was read for the connection.</summary>
    public static LoopCommand Page(ReplayPage page) => new(LoopCommandKind.Page, page.Request.Connection, page.Request.Generation, page);
}
