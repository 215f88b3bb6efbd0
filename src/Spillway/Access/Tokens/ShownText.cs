namespace Spillway.Access.Tokens;

/// <summary>A stranger's text as a message may quote it: short, and of plain characters, for it also goes into headers and logs.</summary>
internal static class ShownText
{
    private const int MaxLength = 64;

    /// <summary>A sentence that quotes one, with what could break a line taken out.</summary>
    public static string Line(string text)
    {
        const int MaxLine = 300;
        return string.Concat(text.Take(MaxLine).Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }

    public static string Of(string text) => string.Create(Math.Min(text.Length, MaxLength), text, static (shown, text) =>
    {
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = text[i] is >= ' ' and < (char)0x7F and not '"' and not '\\' ? text[i] : '?';
        }
    });
}
