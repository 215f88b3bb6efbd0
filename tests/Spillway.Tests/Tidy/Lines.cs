namespace Spillway.Tests.Tidy;

/// <summary>Counts lines in text.</summary>
internal static class Lines
{
    /// <summary>The line that holds a character, from 1.</summary>
    public static int At(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    /// <summary>How many lines the text has; a last line break ends a line and begins none.</summary>
    public static int Count(string text) => text.AsSpan().Count('\n') + (text.Length == 0 || text[^1] == '\n' ? 0 : 1);
}
