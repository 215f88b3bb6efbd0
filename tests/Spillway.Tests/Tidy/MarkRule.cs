using System.Text.RegularExpressions;

namespace Spillway.Tests.Tidy;

/// <summary>What is left to do has an issue's number, and nothing is folded away in a region.</summary>
internal static partial class MarkRule
{
    public static IEnumerable<Fault> Check(string path, string text)
    {
        foreach (Match match in Todo().Matches(text))
        {
            yield return new Fault(path, Lines.At(text, match.Index), "The mark has no issue: write its number behind it, like (#12), or do it now.");
        }

        foreach (Match match in Region().Matches(text))
        {
            yield return new Fault(path, Lines.At(text, match.Index), "A region hides code: divide the file instead.");
        }
    }

    [GeneratedRegex(@"\bTODO\b(?!:?\s*\(?#\d)")]
    private static partial Regex Todo();

    [GeneratedRegex(@"^\s*#\s*region\b", RegexOptions.Multiline)]
    private static partial Regex Region();
}
