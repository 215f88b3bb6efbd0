using System.Text;

namespace Spillway.Events;

/// <summary>What a subscription selects beside exact topics. Immutable; any thread.</summary>
/// <remarks>There may be millions, of half a kilobyte and more each: of what they are called the name is kept, and nothing else.</remarks>
/// <param name="name">What tells it from every other one, of its own kind or another.</param>
internal abstract class EventPattern(string name)
{
    /// <summary>The pattern as it was written, or as people are shown it. Made when it is asked for.</summary>
    public abstract string Text { get; }

    /// <summary>Equal patterns have the same name, others another. That of a <see cref="TopicPattern"/> is its text; all others' begin with a control character, which no topic may hold.</summary>
    public string Name => name;

    /// <summary>The name in UTF-8. Made when it is asked for.</summary>
    public byte[] Utf8 => Encoding.UTF8.GetBytes(name);

    /// <summary>Whether it matches every event.</summary>
    public virtual bool MatchesAll => false;

    /// <summary>Whether it matches an event.</summary>
    public abstract bool Matches(in EventRecord record);

    /// <summary>Whether an event may match because of this topic.</summary>
    public abstract bool MayMatch(ReadOnlySpan<byte> topic);
}
