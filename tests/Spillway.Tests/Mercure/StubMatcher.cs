using System.Diagnostics.CodeAnalysis;
using System.Text;
using Spillway.Events;

namespace Spillway.Tests.Mercure;

/// <summary>Stands for patterns: what is before its first variable, and one more segment.</summary>
internal sealed class StubMatcher(string text, int variable) : TopicMatcher(text, "\u0001" + text, [])
{
    public static bool TryParse(string text, [NotNullWhen(true)] out TopicMatcher? matcher, out string fault)
    {
        var variable = text.IndexOfAny([':', '{'], text.StartsWith("https://", StringComparison.Ordinal) ? 8 : 0);
        fault = text.Contains('(', StringComparison.Ordinal) || text.EndsWith('{') ? "is none" : "";
        matcher = fault.Length > 0 ? null : new StubMatcher(text, variable < 0 ? text.Length : variable);
        return matcher is not null;
    }

    public override bool Matches(ReadOnlySpan<byte> topic)
    {
        var prefix = Encoding.UTF8.GetBytes(Text[..variable]);
        return topic.StartsWith(prefix) && !topic[prefix.Length..].Contains((byte)'/');
    }
}
