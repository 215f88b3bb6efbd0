using System.Globalization;

namespace Spillway.Events;

/// <summary>
/// Private events that have a topic which one matcher matches and a topic, the same or another, which a second one matches: what is asked for, and what is granted. Which of the two is which makes no
/// difference, so that both orders are the same pattern.
/// </summary>
internal sealed class PrivatePattern : EventPattern
{
    private PrivatePattern(TopicMatcher first, TopicMatcher second)
        : base(string.Create(CultureInfo.InvariantCulture, $"\u0001x{first.Name.Length}:{first.Name}{second.Name}")) => (First, Second) = (first, second);

    public override string Text => $"{First.Text} & {Second.Text}";

    /// <summary>The one whose name comes first.</summary>
    public TopicMatcher First { get; }

    public TopicMatcher Second { get; }

    public static PrivatePattern Of(TopicMatcher asked, TopicMatcher granted) =>
        string.CompareOrdinal(asked.Name, granted.Name) <= 0 ? new PrivatePattern(asked, granted) : new PrivatePattern(granted, asked);

    public override bool Matches(in EventRecord record) => (record.Flags & EventFlags.Private) != 0 && First.Matches(record) && Second.Matches(record);

    public override bool MayMatch(ReadOnlySpan<byte> topic) => First.Matches(topic) || Second.Matches(topic);
}
