using System.Text.RegularExpressions;

namespace Spillway.Tests.Tidy;

/// <summary>No committed text names a folder of somebody's machine.</summary>
internal static partial class PathRule
{
    public static IEnumerable<Fault> Check(string path, string text) =>
        from Match match in MachinePath().Matches(text)
        select new Fault(path, Lines.At(text, match.Index), $"{match.Value}... is a path of a machine; a temporary folder comes from the system, the rest from the repository's root.");

    // Not behind a letter or digit: in a URL or a topic, /home is only a word.
    [GeneratedRegex(@"(?<![\w.~}-])/(?:tmp|work|farm|root|home|Users)/\w+|\b[A-Z]:\\Users\b")]
    private static partial Regex MachinePath();
}
