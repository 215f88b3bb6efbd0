namespace Spillway.Client.Publishing;

/// <summary>Ids for events that the caller gave none, so that a retry adds nothing.</summary>
internal static class EventId
{
    public static string Create(TimeProvider timeProvider) => Guid.CreateVersion7(timeProvider.GetUtcNow()).ToString("N");
}
