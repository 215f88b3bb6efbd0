using System.Text.RegularExpressions;

namespace Spillway.Tests.Tidy;

/// <summary>A block of C# in docs/ or a README is quoted, line for line, from a sample: those compile.</summary>
internal static partial class QuoteRule
{
    /// <param name="path">The page.</param>
    /// <param name="text">Its text.</param>
    /// <param name="samples">The C# files of samples/.</param>
    public static IEnumerable<Fault> Check(string path, string text, IReadOnlyCollection<string> samples) =>
        from Match block in Block().Matches(text)
        let code = block.Groups[1].Value
        where !samples.Any(sample => sample.Contains(code, StringComparison.Ordinal))
        select new Fault(path, Lines.At(text, block.Index), "No sample has these lines: quote a file of samples/ as it is, or change the sample.");

    [GeneratedRegex("^```(?:csharp|cs|c#)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
