using System.Text;
using Spillway.Events;

namespace Spillway.TestKit;

/// <summary>A matcher that a test makes up, and that counts how often it is asked.</summary>
internal sealed class CountingMatcher(string text, Func<string, bool> matches, bool matchesAll = false, string prefix = "", TopicForm? form = null)
    : TopicMatcher(text, "\u0001?" + text, Encoding.UTF8.GetBytes(prefix))
{
    public int Calls { get; private set; }

    public override bool MatchesAll => matchesAll;

    public override TopicForm? Form => form;

    public override bool Matches(ReadOnlySpan<byte> topic)
    {
        Calls++;
        return matches(Encoding.UTF8.GetString(topic));
    }
}
