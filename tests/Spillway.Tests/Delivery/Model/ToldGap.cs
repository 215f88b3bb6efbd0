namespace Spillway.Tests.Delivery.Model;

/// <summary>A gap as a subscriber was told it.</summary>
/// <param name="Published">Events published by then.</param>
/// <param name="Tail">The oldest slot in the window by then.</param>
/// <param name="Retained">The offset before the oldest event that history had by then.</param>
/// <param name="MaybeSlow">Whether it may have been slow: it had not been seen with everything since it was last held up.</param>
internal sealed record ToldGap(string Reason, long From, long To, long? Count, int Published, long Tail, long Retained, bool MaybeSlow)
{
    /// <summary>Whether an event lies in it. An ephemeral one lies behind the offset that it follows.</summary>
    public bool Covers(ModelEvent source) => source.Offset <= To && (source.IsRecorded ? source.Offset > From : source.Offset >= From);
}
