namespace Spillway.Events;

/// <summary>Those events of a topic or a pattern that are public.</summary>
/// <param name="of">The topic or the pattern.</param>
internal sealed class PublicPattern(TopicMatcher of) : EventPattern("\u0001p" + of.Name)
{
    public override string Text => of.Text;

    public TopicMatcher Of => of;

    public override bool Matches(in EventRecord record) => (record.Flags & EventFlags.Private) == 0 && of.Matches(record);

    public override bool MayMatch(ReadOnlySpan<byte> topic) => of.Matches(topic);
}
