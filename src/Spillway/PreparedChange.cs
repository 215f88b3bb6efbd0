namespace Spillway;

/// <summary>A change that is ready. One of the two is called, once.</summary>
/// <param name="Apply">Puts it in force. It cannot fail.</param>
/// <param name="Drop">Lets it go.</param>
internal sealed record PreparedChange(Action Apply, Action Drop);
