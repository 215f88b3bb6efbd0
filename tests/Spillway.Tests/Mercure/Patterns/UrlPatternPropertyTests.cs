using System.Text;
using Spillway.Mercure.Patterns;
using Spillway.TestKit;

namespace Spillway.Tests.Mercure.Patterns;

/// <summary>What holds for every pattern. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs many more.</summary>
public sealed class UrlPatternPropertyTests
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 100_000 : 2_000;

    private static readonly UrlForm Form = new(PatternCase.Hub);

    [Fact]
    public void Matches_WhereComparingSuffices_SaysWhatTheExpressionSays()
    {
        var random = new Random(1);
        string[] pieces = ["a", "b", "/", ".", ":x", ":y", "*", "/:z", "{a:v/}", "{/:w.}", "a", "/"];
        ComponentRules[] rules = [ComponentRules.Pathname, ComponentRules.Hostname, ComponentRules.Hash];
        var (compared, matched) = (0, 0);

        for (var i = 0; i < Cases; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => pieces[random.Next(pieces.Length)]));
            var of = rules[random.Next(rules.Length)];
            var (groups, others) = (100, 100);
            if (!Component.TryParse(text, of, ref groups, out var component, out _))
            {
                continue;
            }

            Assert.True(Component.TryParse(text, of, ref others, out var search, out var fault, search: true), fault);
            for (var topics = 0; topics < 40; topics++)
            {
                var topic = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => "ab/."[random.Next(4)]));
                Assert.True(component.Matches(topic) == search.Matches(topic), $"{of.Name} {text} and {topic}: seed 1, case {i}.");
                compared++;
                matched += search.Matches(topic) ? 1 : 0;
            }

            Assert.True(component.Literal is null || search.Matches(component.Literal), text);
        }

        Assert.True(matched > compared / 50, $"Only {matched} of {compared} matched: the test compares little.");
    }

    [Fact]
    public void Matches_WhateverMatches_BeginsWithThePrefix()
    {
        var patterns = new RandomPatterns(2);
        var matched = 0;

        for (var i = 0; i < Cases; i++)
        {
            var (text, topics) = patterns.Next();
            if (!UrlPattern.TryParse(text, Form, out var pattern, out _))
            {
                continue;
            }

            foreach (var topic in topics.Select(Encoding.UTF8.GetBytes).Where(topic => pattern.Matches(topic)))
            {
                matched++;
                Assert.True(Form.Of(topic).AsSpan().StartsWith(pattern.Prefix), $"{text} and {Encoding.UTF8.GetString(topic)}: seed 2, case {i}.");
            }
        }

        Assert.True(matched > Cases, $"Only {matched} topics of {Cases} patterns matched: the test compares little.");
    }

    [Fact]
    public void TryParse_Noise_NeverThrows()
    {
        var noise = new RandomPatterns(3);
        var taken = 0;

        for (var i = 0; i < 10 * Cases; i++)
        {
            var text = noise.Noise();
            if (UrlPattern.TryParse(text, Form, out var pattern, out var fault))
            {
                taken++;
                pattern.Matches(Encoding.UTF8.GetBytes(noise.Noise()));
                pattern.Matches("\xff\xfe/\x00"u8);
            }
            else
            {
                Assert.NotEmpty(fault);
            }

            if (UriTemplate.TryParse(text, out var template, out _))
            {
                template.Matches(Encoding.UTF8.GetBytes(noise.Noise()));
            }

            Assert.NotEqual(RegexpGroup.TryTranslate(text, out _, out var faultOfGroup), faultOfGroup.Length > 0);
        }

        Assert.True(taken > Cases / 10, $"Only {taken} of {10 * Cases} were patterns.");
    }
}
