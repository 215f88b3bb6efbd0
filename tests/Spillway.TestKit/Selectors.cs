using Spillway.Events;

namespace Spillway.TestKit;

/// <summary>Sets of topics and patterns from their texts.</summary>
internal static class Selectors
{
    public static SelectorSet Of(params IEnumerable<string> texts) => new(
        texts.Where(static text => !IsPattern(text)), texts.Where(IsPattern).Select(Pattern));

    public static TopicPattern Pattern(string text) => TopicPattern.TryParse(text, out var pattern, out var fault) ? pattern! : throw new ArgumentException($"{text} {fault}");

    private static bool IsPattern(string text) => text.Split('/').Any(static segment => segment is "*" or "**");
}
