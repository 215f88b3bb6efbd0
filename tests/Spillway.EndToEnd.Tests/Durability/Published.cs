namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>What publishers were promised.</summary>
/// <param name="Acknowledged">Ids of events acknowledged as written or synced.</param>
internal sealed record Published(IReadOnlyList<string> Acknowledged);
