using System.Text;

namespace Spillway.Events;

/// <summary>One topic as a part of other patterns, which look at more than topics. A subscription that wants all of a topic names it as a topic.</summary>
internal sealed class ExactTopic : TopicMatcher
{
    public ExactTopic(byte[] topic)
        : base(Encoding.UTF8.GetString(topic), "\u0001e" + Encoding.UTF8.GetString(topic), topic) => Topic = topic;

    /// <summary>The topic in UTF-8.</summary>
    public byte[] Topic { get; }

    public override bool Matches(ReadOnlySpan<byte> topic) => topic.SequenceEqual(Topic);
}
