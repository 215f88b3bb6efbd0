using System.Text;
using BenchmarkDotNet.Attributes;
using Spillway.Mercure.Patterns;

namespace Spillway.Microbenchmarks;

/// <summary>A topic against the matchers of Mercure: with the topic's URL at hand, as for every pattern but the first, and when it must be parsed.</summary>
[MemoryDiagnoser]
public class MatcherBenchmarks
{
    private const string Hub = "https://hub.example/.well-known/mercure";

    private static readonly byte[] Topic = Encoding.UTF8.GetBytes("https://example.com/books/1017/reviews/abc-17");

    private readonly UrlForm _form = new(Hub);
    private readonly byte[][] _topics = [.. Enumerable.Range(0, 256).Select(static i => Encoding.UTF8.GetBytes($"https://example.com/books/{1000 + i}/reviews/abc-17"))];
    private UrlPattern _direct = null!;
    private UrlPattern _searched = null!;
    private UrlPattern _regexp = null!;
    private UriTemplate _template = null!;
    private UriTemplate _templateSearched = null!;
    private string _templateText = "";
    private string _explodedText = "";
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _direct = Pattern("https://example.com/books/:id/reviews/:review");
        _searched = Pattern("https://example.com/books/:id/reviews/:review?");
        _regexp = Pattern("https://example.com/books/(\\d+)/reviews/([a-z]+-\\d+)");
        _templateText = "https://example.com/books/{id}/reviews/{review}";
        _explodedText = "https://example.com/books/{id}/reviews{/review*}";
        _template = Template(_templateText);
        _templateSearched = Template(_explodedText);
    }

    [Benchmark]
    public bool UrlPatternCompared() => _direct.Matches(Topic);

    [Benchmark]
    public bool UrlPatternModifier() => _searched.Matches(Topic);

    [Benchmark]
    public bool UrlPatternRegexp() => _regexp.Matches(Topic);

    [Benchmark]
    public bool UrlPatternNewTopic() => _direct.Matches(_topics[_next++ & 255]);

    [Benchmark]
    public bool TemplateCompared() => _template.Matches(Topic);

    [Benchmark]
    public bool TemplateExploded() => _templateSearched.Matches(Topic);

    [Benchmark]
    public object ParseUrlPattern() => Pattern("https://example.com/books/:id/reviews/:review");

    [Benchmark]
    public object ParseUrlPatternRegexp() => Pattern("https://example.com/books/(\\d+)/reviews/([a-z]+-\\d+)");

    [Benchmark]
    public object ParseTemplate() => Template(_templateText);

    [Benchmark]
    public object ParseTemplateExploded() => Template(_explodedText);

    private static UriTemplate Template(string text) => UriTemplate.TryParse(text, out var template, out var fault) ? template : throw new InvalidOperationException(fault);

    private UrlPattern Pattern(string text) => UrlPattern.TryParse(text, _form, out var pattern, out var fault) ? pattern : throw new InvalidOperationException(fault);
}
