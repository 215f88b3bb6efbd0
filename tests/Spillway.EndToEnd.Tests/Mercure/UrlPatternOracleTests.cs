using System.Text;
using System.Text.RegularExpressions;
using Spillway.EndToEnd.Tests.Documents;
using Spillway.Mercure.Patterns;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>
/// Our URL patterns beside urlpattern-polyfill: both take the same patterns, and match the same topics. Where it differs from the standard, or refuses
/// nothing that we refuse, is written down, once in the file of cases and once in the methods below. <c>SPILLWAY_TEST_SCALE=all</c> asks a hundred times more.
/// </summary>
public sealed partial class UrlPatternOracleTests
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 300_000 : 4_000;

    private static readonly UrlForm Form = new(PatternCase.Hub);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Matches_FileOfCases_PolyfillSaysTheSameOrWhatIsWrittenDown()
    {
        var cases = PatternCase.Read(Tree.Root);

        var answers = await PatternOracle.AskAsync(cases.Select(static one => (one.Pattern, one.Topics.Select(static topic => topic.Topic))), PatternCase.Hub, Cancellation);

        var wrong = cases.Zip(answers).Where(static pair => Expected(pair.First) is var expected && (expected != pair.Second) && !(expected == "?" && pair.Second != "!"));
        Assert.Empty(wrong.Select(static pair => $"{pair.First.Pattern}: the polyfill says {pair.Second}, not {Expected(pair.First)}."));
        Assert.Equal(cases.Count, answers.Length);
    }

    [Fact]
    public async Task Matches_RandomPatterns_PolyfillSaysTheSame()
    {
        var patterns = new RandomPatterns(1);
        var questions = Enumerable.Range(0, Cases).Select(_ => patterns.Next()).ToArray();

        var answers = await PatternOracle.AskAsync(questions.Select(static question => (question.Pattern, question.Topics.AsEnumerable())), PatternCase.Hub, Cancellation);

        var wrong = new List<string>();
        var (agreed, matched, refused, excused) = (0, 0, 0, 0);
        foreach (var ((text, topics), answer) in questions.Zip(answers))
        {
            if (!UrlPattern.TryParse(text, Form, out var pattern, out var fault) || answer == "!")
            {
                refused++;
                wrong.AddRange((pattern is null) == (answer == "!") || IsExcused(text, pattern is null) ? [] : [$"{text} is {(pattern is null ? $"refused only here: it {fault}" : "taken only here")}."]);
                continue;
            }

            for (var i = 0; i < topics.Length; i++)
            {
                var matches = pattern.Matches(Encoding.UTF8.GetBytes(topics[i]));
                var agree = matches == (answer[i] == '1');
                (agreed, matched, excused) = (agreed + (agree ? 1 : 0), matched + (agree && matches ? 1 : 0), excused + (agree ? 0 : 1));
                wrong.AddRange(agree || IsExcused(text, topics[i]) ? [] : [$"{text} and {topics[i]}: {(matches ? "only we match" : "only the polyfill matches")}."]);
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of seed 1:\n{string.Join('\n', wrong.Take(20))}");
        Assert.Equal(questions.Length, answers.Length);
        Assert.True(matched > Cases / 2 && refused > Cases / 50 && excused < agreed / 50, $"agreed {agreed}, of which matched {matched}; refused {refused}; excused {excused}");
    }

    /// <summary>What the polyfill says of a case; "?" where all that matters is that it takes the pattern.</summary>
    private static string Expected(PatternCase one) => (one.IsRefused, one.IsDisputed, one.Topics.Any(static topic => topic.IsDisputed)) switch
    {
        (true, false, _) => "!",
        (true, true, _) => "?",
        (_, _, true) when one.Pattern.Contains('%', StringComparison.Ordinal) => "!", // It decodes no percent in hosts, and refuses the pattern.
        _ => string.Concat(one.Topics.Select(static topic => topic.Matches != topic.IsDisputed ? '1' : '0')),
    };

    /// <summary>Patterns that only one of us takes: the polyfill lets a backslash end one, and a protocol have characters that none begins with.</summary>
    private static bool IsExcused(string pattern, bool refusedHere) => refusedHere
        ? pattern.EndsWith('\\') || OddProtocol().IsMatch(pattern) || pattern.Contains("(*)", StringComparison.Ordinal)
        : pattern.Contains('%', StringComparison.Ordinal);

    /// <summary>Topics that the polyfill reads in another way than the standard has it.</summary>
    private static bool IsExcused(string pattern, string topic)
    {
        var special = SpecialScheme().IsMatch(topic.TrimStart()) || !AnyScheme().IsMatch(topic.TrimStart());
        return EmptyFirstSegment().IsMatch(topic) // A path that begins with two slashes is a host to it.
            || topic.Contains("??", StringComparison.Ordinal) || topic.Contains("##", StringComparison.Ordinal) || pattern.Contains("\\?", StringComparison.Ordinal) // A second mark is taken off.
            || (!special && (ForeignText().IsMatch(topic) || ForeignText().IsMatch(pattern.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)))); // Hosts and paths of other schemes are to it those of the web.
    }

    [GeneratedRegex(@"^[^a-zA-Z]|[-+.0-9}][-+.]*\\?:")]
    private static partial Regex OddProtocol();

    [GeneratedRegex("^(?:https?|wss?|ftp|file):", RegexOptions.IgnoreCase)]
    private static partial Regex SpecialScheme();

    [GeneratedRegex("^[a-z][-+.a-z0-9]*:", RegexOptions.IgnoreCase)]
    private static partial Regex AnyScheme();

    [GeneratedRegex(@"^(?:[^:/?#]+:)?(?:[/\\]{2}[^/\\?#]*)?(?:/[.]+)*[/\\]{2}|/\.\.?[/\\]{2}")]
    private static partial Regex EmptyFirstSegment();

    [GeneratedRegex("[ \"<>^`%A-Z]|/[.]|//")]
    private static partial Regex ForeignText();
}
