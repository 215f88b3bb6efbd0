namespace Spillway.Client;

/// <summary>
/// One thing that happens in a subscription: a <see cref="ReceivedEvent"/>, a <see cref="GapNotice"/>, a <see cref="ConnectedNotice"/>, a <see cref="DisconnectedNotice"/>,
/// a <see cref="SlowNotice"/> or an <see cref="EndedNotice"/>. They come in one stream so that a reader meets every loss where it happened.
/// </summary>
public abstract record StreamItem
{
    private protected StreamItem(string cursor) => Cursor = cursor;

    /// <summary>
    /// The position up to which everything was handed out, this item included: store it once the item is dealt with, and go on later with <see cref="StartingPoint.After"/>.
    /// Compare cursors for equality only. Empty until the hub has named one.
    /// </summary>
    public string Cursor { get; }
}
