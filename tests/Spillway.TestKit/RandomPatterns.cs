namespace Spillway.TestKit;

/// <summary>Random URL patterns, each with topics of which some match. The same seed, the same patterns.</summary>
internal sealed class RandomPatterns(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(string Pattern, string[] Samples)> _pieces = [];
    private int _names;

    /// <summary>A pattern, and topics: most fill it in, some are changed, one has nothing to do with it.</summary>
    public (string Pattern, string[] Topics) Next()
    {
        _pieces.Clear();
        var relative = Origin();
        var segments = _random.Next(5);
        for (var i = 0; i < segments; i++)
        {
            if (i > 0 || !relative || _random.Next(3) > 0)
            {
                Add("/");
            }

            Group('/');
            if (_random.Next(5) == 0)
            {
                Group('/');
            }
        }

        Ending();
        var pattern = string.Concat(_pieces.Select(static piece => piece.Pattern));
        pattern = _random.Next(8) == 0 ? Change(pattern, "{", "}", "(", ")", "?", "*", "+", ":", "\\", "[", "]", "|", "@", "#", "/", "<", " ", "^") : pattern;
        return (pattern, [Topic(), Topic(), Topic(), Topic(), Change(Topic(), "a", "/", "%41", "?", "#", ".", "/..", "ü", ":", "@", " "), Any("https://example.com/", "urn:a", "/books/1", "", "..")]);
    }

    /// <summary>Text of what patterns and URLs are made of, in no order.</summary>
    public string Noise()
    {
        string[] pieces = ["{", "}", "(", ")", "?", "*", "+", ":", "\\", "[", "]", "|", "@", "#", "/", "//", "<", " ", "^", "a", "b1", "ü", "😀", "\ud800", "%", "%41", "\n", "\0", "https", "urn:", "::", "xn--", ".", "..", "&&", "--", "{2}", "(?:", "\\d", "\\p{L}", "1.2.3.4", "[::1]", "א"];
        return string.Concat(Enumerable.Range(0, _random.Next(24)).Select(_ => Any(pieces)));
    }

    private string Topic() => string.Concat(_pieces.Select(piece => Any(piece.Samples)));

    /// <summary>Whether what it adds has no host.</summary>
    private bool Origin()
    {
        switch (_random.Next(20))
        {
            case < 11:
                Add(("https", ["https"]), ("http{s}?", ["http", "https"]), (":proto", ["http", "https", "ftp"]), ("(https|wss)", ["wss", "https"]), ("*", ["http", "https"]), ("wss", ["wss"]));
                Add("://");
                if (_random.Next(10) == 0)
                {
                    Add(("u@", ["u@", ""]), ("u:p@", ["u:p@", ""]), (":user@", ["x@", ""]), ("*:*@", ["a:b@", ""]));
                }

                Host();
                return false;
            case < 14:
                Add(("urn:", ["urn:"]), ("tag:{/}?", ["tag:"]), ("x-y:", ["x-y:"]));
                return true;
            default:
                return true;
        }
    }

    private void Host()
    {
        Add(
            ("example.com", ["example.com", "EXAMPLE.com", "example.org"]), (":sub.example.com", ["a.example.com", "a.b.example.com"]), ("*.example.com", ["a.example.com", "a.b.example.com"]),
            ("{:sub.}?example.com", ["a.example.com", "example.com"]), ("bücher.example", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"]), ("[\\:\\:1]", ["[::1]", "[0:0::1]"]),
            ("(a|b).example", ["a.example", "c.example"]), ("*", ["a.example", "[::1]", "1.2.3.4"]), ("EXAMPLE.com", ["example.com"]));
        Add(
            ("", [""]), (":8080", [":8080", ""]), (":*", ["", ":80", ":8443"]), (":(80|8080)", [":80", ":8080"]), (":443", [":443", ""]), (":80{80}?", [":80", ":8080"]));
    }

    private void Ending()
    {
        Add(
            ("", [""]), ("/", ["/", ""]), ("?q=:q", ["?q=1", "?q=", "?q=a&b=c"]), ("?*", ["", "?a"]), ("?a=(\\d+)", ["?a=1", "?a=x"]), ("?a=b", ["?a=b", "?a=ü"]), ("", [""]), ("", [""]));
        Add(("", [""]), ("#:frag", ["#a", "#", ""]), ("#top", ["#top"]), ("#*", ["#a", ""]), ("", [""]), ("", [""]), ("", [""]));
    }

    private void Group(char separator)
    {
        var name = $":{Any("id", "x", "ext", "a_", "ü")}{_names++ % 40}";
        var word = Any("books", "a", "1", "foo", "Bar", "x-y", "ü", "a b", "%20", "~", "a.b", "..", ".", "日本", "$1", "'q'", "a,b", "1984");
        var many = Any("?", "+", "*");
        Add(
            (word, [word]), (word, [word]), (name, ["1", "abc", "x-y", "ü", ""]), (name + "(\\d+)", ["1", "123", "a"]), ("*", ["", "a", "a/b", "x.y.z"]), ("(a|b|foo)", ["a", "b", "foo", "c"]),
            (name + many, ["a", "b", $"a{separator}b", ""]), ($"{{{word}}}{many}", [word, word + word, ""]), ($"{{p{name}s}}{many}", ["p1s", "p1sp2s", "", "p1"]), ($"{{.{name}}}", [".a", "."]),
            ($"{name}-:z{_names}z", ["a-bz", "1-2z", "-"]), ($"{word}.{name}", [$"{word}.json", $"{word}.x"]),
            (Any("([a-f]+)", "([^x]{2,3})", "(\\w*)", "([[a-z]--[aeiou]]+)", "(.*)", "([^\\/]+?)", "(.)", "(a{2})", "(\\p{Lu}+)", "(a(?:b|c)*)", "([\\w&&\\D]+)") + Any("", many), ["abc", "ab", "", "xyz", "B", "aa", "abcb"]));
    }

    private string Change(string text, params string[] pieces)
    {
        var at = _random.Next(text.Length + 1);
        return text[..at] + Any(pieces) + text[Math.Min(text.Length, at + _random.Next(2))..];
    }

    private void Add(string text) => _pieces.Add((text, [text]));

    private void Add(params (string Pattern, string[] Samples)[] pieces) => _pieces.Add(pieces[_random.Next(pieces.Length)]);

    private string Any(params string[] of) => of[_random.Next(of.Length)];
}
