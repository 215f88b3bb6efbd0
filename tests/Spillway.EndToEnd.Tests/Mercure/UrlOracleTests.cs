using System.Globalization;
using System.Text;
using Spillway.Mercure.Urls;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Our parser of URLs beside that of Node. What we take, we read as it does; hosts of which it is not certain how they are written we refuse.</summary>
public sealed class UrlOracleTests
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 1_000_000 : 20_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryParse_RandomText_IsWhatNodeReads()
    {
        var random = new Random(1);
        var urls = Enumerable.Range(0, Cases).Select(_ => Text(random)).ToArray();

        var (wrong, read) = await CompareAsync(urls, static (text, ours) => Excused(text, ours));

        Assert.True(wrong.Count == 0, $"{wrong.Count} of seed 1:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(read > Cases / 4, $"Only {read} were URLs.");
    }

    [Fact]
    public async Task TryParse_EveryLetterInAHost_IsWhatNodeReadsOrRefused()
    {
        var urls = Enumerable.Range(0x80, 0x110000 - 0x80).Where(Rune.IsValid).Select(static code => new Rune(code))
            .Where(static rune => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse)).Select(static rune => $"http://a{rune}/").ToArray();

        var (wrong, read) = await CompareAsync(urls, static (_, ours) => ours == "!");

        Assert.True(wrong.Count == 0, $"{wrong.Count} letters:\n{string.Join('\n', wrong.Take(20))}");
        Assert.True(read > 100_000, $"Only {read} letters are taken."); // Unicode has 150,000, most of them signs of Chinese.
    }

    private static async Task<(List<string> Wrong, int Read)> CompareAsync(string[] urls, Func<string, string, bool> excused)
    {
        UrlParser.TryParse(PatternCase.Hub, null, out var hub);
        var answers = await PatternOracle.ReadAsync(urls, PatternCase.Hub, Cancellation);
        Assert.Equal(urls.Length, answers.Length);
        var (wrong, read) = (new List<string>(), 0);
        foreach (var (text, answer) in urls.Zip(answers))
        {
            var ours = UrlParser.TryParse(text, hub, out var url) ? url.ToText() : "!";
            read += ours != "!" ? 1 : 0;

            // Node 20 is older than the rule that "^" is encoded in paths.
            if (ours.Replace("%5E", "^", StringComparison.Ordinal) != answer.Replace("%5E", "^", StringComparison.Ordinal) && !excused(text, ours))
            {
                wrong.Add($"\"{text}\": Node says {answer}, we say {ours}");
            }
        }

        return (wrong, read);
    }

    // Node 20 knows neither the space that ends an opaque path, nor the slash that is left of two dots, and takes what stands in Punycode, or goes to the
    // right, more freely than the standard.
    private static bool Excused(string text, string ours) =>
        (ours == "!" && (text.Contains("xn--", StringComparison.OrdinalIgnoreCase) || !Ascii.IsValid(text)))
        || ours.Contains("%20?", StringComparison.Ordinal) || ours.Contains("%20#", StringComparison.Ordinal)
        || (!Schemes.IsSpecial(ours.Split(':')[0]) && (text.Contains('.', StringComparison.Ordinal) || text.Contains("%2e", StringComparison.OrdinalIgnoreCase)));

    private static string Text(Random random)
    {
        string[] starts = ["http://", "https://", "file://", "file:///", "w://", "urn:", "tag:", "/", "", "?", "#", "//", "ws://", "https:"];
        string[] pieces =
        [
            "http:", "https:", "file:", "urn:", "w:", "/", "/", "/", "//", "\\", "?", "#", "@", ":", "a", "b.c", "..", ".", "%2e", "%2E%2e", "ü", "日本", "[::1]", "[1:2::]", "[::ffff:1.2.3.4]", "1.2.3.4",
            "0x7f", "080", "443", ":443", ":80", ":8080", "c:", "C|", "localhost", " ", "\t", "\n", "%", "%41", "%zz", "'", "\"", "<", ">", "^", "`", "{", "}", "|", "~", "!", "$", "&", "(", "*", "+", ",", ";", "=",
            "example.com", "EXAMPLE", "xn--bcher-kva", "xn--a", "Ü", "ß", "。", "😀", "-", "_", "\u0001", "\u007f", "\u00a0", "1", "256", "0", "[", "]",
        ];
        return starts[random.Next(starts.Length)] + string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => pieces[random.Next(pieces.Length)]));
    }
}
