namespace Spillway.Events;

/// <summary>A pattern that looks at one topic at a time: it matches an event of which any topic, canonical or alternate, matches.</summary>
/// <param name="text">As it was written.</param>
/// <param name="name">What tells it from every other pattern; ends with the text.</param>
/// <param name="prefix">What every topic that matches begins with, in its <see cref="Form"/>; may be empty.</param>
internal abstract class TopicMatcher(string text, string name, byte[] prefix) : EventPattern(name)
{
    private readonly int _textLength = name.EndsWith(text, StringComparison.Ordinal) ? text.Length : throw new ArgumentException($"The name \"{name}\" does not end with \"{text}\".", nameof(name));

    public sealed override string Text => _textLength == Name.Length ? Name : Name[^_textLength..];

    /// <summary>Literal bytes with which every topic begins that matches, in its <see cref="Form"/>: they rule most topics out by one comparison.</summary>
    public ReadOnlySpan<byte> Prefix => prefix;

    /// <summary>The form of topics that <see cref="Prefix"/> is of; null: as they are.</summary>
    public virtual TopicForm? Form => null;

    /// <summary>Whether it matches a topic.</summary>
    public abstract bool Matches(ReadOnlySpan<byte> topic);

    public sealed override bool MayMatch(ReadOnlySpan<byte> topic) => Matches(topic);

    public sealed override bool Matches(in EventRecord record)
    {
        if (Matches(record.Topic))
        {
            return true;
        }

        foreach (var alternate in record.Alternates)
        {
            if (Matches(alternate))
            {
                return true;
            }
        }

        return false;
    }
}
