using System.Text;
using Spillway.Mercure.Patterns;

namespace Spillway.Tests.Mercure.Patterns;

/// <summary>RFC 6570 in reverse. The examples are those of its sections 1.2 and 3.2, all of them, with their values.</summary>
public sealed class UriTemplateTests
{
    private static readonly Dictionary<string, object> Values = new(StringComparer.Ordinal)
    {
        ["count"] = (string[])["one", "two", "three"],
        ["dom"] = (string[])["example", "com"],
        ["dub"] = "me/too",
        ["hello"] = "Hello World!",
        ["half"] = "50%",
        ["var"] = "value",
        ["who"] = "fred",
        ["base"] = "http://example.com/home/",
        ["path"] = "/foo/bar",
        ["list"] = (string[])["red", "green", "blue"],
        ["keys"] = ((string, string)[])[("semi", ";"), ("dot", "."), ("comma", ",")],
        ["v"] = "6",
        ["x"] = "1024",
        ["y"] = "768",
        ["empty"] = "",
        ["empty_keys"] = ((string, string)[])[],
    };

    // A line for each section and operator: templates and what they become, in pairs.
    private static readonly string[] Examples =
    [
        "{var} value {hello} Hello%20World%21",
        "{+var} value {+hello} Hello%20World! {+path}/here /foo/bar/here here?ref={+path} here?ref=/foo/bar X{#var} X#value X{#hello} X#Hello%20World!",
        "map?{x,y} map?1024,768 {x,hello,y} 1024,Hello%20World%21,768 {+x,hello,y} 1024,Hello%20World!,768 {+path,x}/here /foo/bar,1024/here",
        "{#x,hello,y} #1024,Hello%20World!,768 {#path,x}/here #/foo/bar,1024/here X{.var} X.value X{.x,y} X.1024.768 {/var} /value {/var,x}/here /value/1024/here",
        "{;x,y} ;x=1024;y=768 {;x,y,empty} ;x=1024;y=768;empty {?x,y} ?x=1024&y=768 {?x,y,empty} ?x=1024&y=768&empty= ?fixed=yes{&x} ?fixed=yes&x=1024 {&x,y,empty} &x=1024&y=768&empty=",
        "{count} one,two,three {count*} one,two,three {/count} /one,two,three {/count*} /one/two/three {;count} ;count=one,two,three {;count*} ;count=one;count=two;count=three",
        "{?count} ?count=one,two,three {?count*} ?count=one&count=two&count=three {&count*} &count=one&count=two&count=three",
        "{half} 50%25 O{empty}X OX O{undef}X OX {x,y} 1024,768 ?{x,empty} ?1024, ?{x,undef} ?1024 ?{undef,y} ?768 {var:3} val {var:30} value",
        "{list} red,green,blue {list*} red,green,blue {keys} semi,%3B,dot,.,comma,%2C {keys*} semi=%3B,dot=.,comma=%2C",
        "{+half} 50%25 {base}index http%3A%2F%2Fexample.com%2Fhome%2Findex {+base}index http://example.com/home/index O{+empty}X OX O{+undef}X OX up{+path}{var}/here up/foo/barvalue/here",
        "{+path:6}/here /foo/b/here {+list} red,green,blue {+list*} red,green,blue {+keys} semi,;,dot,.,comma,, {+keys*} semi=;,dot=.,comma=,",
        "{#var} #value {#hello} #Hello%20World! {#half} #50%25 foo{#empty} foo# foo{#undef} foo {#path:6}/here #/foo/b/here {#list} #red,green,blue {#list*} #red,green,blue",
        "{#keys} #semi,;,dot,.,comma,, {#keys*} #semi=;,dot=.,comma=,",
        "{.who} .fred {.who,who} .fred.fred {.half,who} .50%25.fred www{.dom*} www.example.com X{.empty} X. X{.undef} X X{.var:3} X.val X{.list} X.red,green,blue X{.list*} X.red.green.blue",
        "X{.keys} X.semi,%3B,dot,.,comma,%2C X{.keys*} X.semi=%3B.dot=..comma=%2C X{.empty_keys} X X{.empty_keys*} X",
        "{/who} /fred {/who,who} /fred/fred {/half,who} /50%25/fred {/who,dub} /fred/me%2Ftoo {/var,empty} /value/ {/var,undef} /value {/var:1,var} /v/value",
        "{/list} /red,green,blue {/list*} /red/green/blue {/list*,path:4} /red/green/blue/%2Ffoo {/keys} /semi,%3B,dot,.,comma,%2C {/keys*} /semi=%3B/dot=./comma=%2C",
        "{;who} ;who=fred {;half} ;half=50%25 {;empty} ;empty {;v,empty,who} ;v=6;empty;who=fred {;v,bar,who} ;v=6;who=fred {;x,y,undef} ;x=1024;y=768 {;hello:5} ;hello=Hello",
        "{;list} ;list=red,green,blue {;list*} ;list=red;list=green;list=blue {;keys} ;keys=semi,%3B,dot,.,comma,%2C {;keys*} ;semi=%3B;dot=.;comma=%2C",
        "{?who} ?who=fred {?half} ?half=50%25 {?x,y,undef} ?x=1024&y=768 {?var:3} ?var=val {?list} ?list=red,green,blue {?list*} ?list=red&list=green&list=blue",
        "{?keys} ?keys=semi,%3B,dot,.,comma,%2C {?keys*} ?semi=%3B&dot=.&comma=%2C",
        "{&who} &who=fred {&half} &half=50%25 {&x,y,undef} &x=1024&y=768 {&var:3} &var=val {&list} &list=red,green,blue {&list*} &list=red&list=green&list=blue",
        "{&keys} &keys=semi,%3B,dot,.,comma,%2C {&keys*} &semi=%3B&dot=.&comma=%2C",
    ];

    [Fact]
    public void Matches_EveryExampleOfTheRfc_IsWhatItsTemplateBecomes()
    {
        foreach (var words in Examples.Select(static line => line.Split(' ')))
        {
            for (var i = 0; i < words.Length; i += 2)
            {
                Assert.Equal(words[i + 1], TemplateExpander.Expand(words[i], Values));
                Assert.True(Matches(words[i], words[i + 1]), $"{words[i]} does not match {words[i + 1]}.");
                Assert.False(Matches(words[i], words[i + 1] + "\""), $"{words[i]} matches a quotation mark, which no template becomes.");
                Assert.False(Matches(words[i], words[i + 1] + "%4"), $"{words[i]} matches half of an encoded byte.");
            }
        }
    }

    [Theory]
    [InlineData("https://example.com/books/{id}", "https://example.com/books/1 https://example.com/books/ https://example.com/books/a%20b", "https://example.com/books/1/2 https://example.com/books http://example.com/books/1 https://example.com/books/ü")]
    [InlineData("{+all}", "https://example.com/books/1?a#b urn:a a", "ü a\"b a%4")]
    [InlineData("https://example.com/users/dunglas/{?topic}", "https://example.com/users/dunglas/?topic=https%3A%2F%2Fa https://example.com/users/dunglas/", "https://example.com/users/dunglas/?topic=a/b https://example.com/users/dunglas/?other=a https://example.com/users/dunglas")]
    [InlineData("{/path*}", "/a /a/b /a//b /k=v/w", "a a/b /a?b")]
    [InlineData("https://example.com{/path*}{?q*}", "https://example.com https://example.com/a/b?c=d&e=f", "https://example.com/a?c https://example.com?")]
    [InlineData("{x,y}", "1 1,2 1,2,3", "1/2 1=2")]
    [InlineData("{x:2}", "a ab %C3%BCb %F0%9F%98%80a", "abc a,b %C3%BCbc %C3b")]
    [InlineData("{?x:2}", "?x=ab ?x=", "?x=abc ?y=a ?x")]
    [InlineData("{;x}", ";x ;x=1", ";x= ;y=1 x=1")]
    [InlineData("{?x,y}", "?x=1&y=2 ?x=1 ?y=2", "?y=2&x=1 ?x=1&z=2 ?x=1&y=2&y=3 ?x=1?y=2")]
    [InlineData("{x*}", "a a,b k=v,l=w", "k=v=w a/b")]
    [InlineData("bücher/{id}", "bücher/1 b%C3%BCcher/1", "bucher/1 b%c3%bccher/1")]
    [InlineData("a{+b}c", "ac abc a/c/c", "ab acd")]
    [InlineData("{a}{b}", "xy x", "x/y")]
    public void Matches_TemplateInReverse_TakesWhatItBecomesAndNoNearMiss(string template, string matches, string misses)
    {
        Assert.All(matches.Split(' '), topic => Assert.True(Matches(template, topic), $"{template} does not match {topic}."));
        Assert.All(misses.Split(' '), topic => Assert.False(Matches(template, topic), $"{template} matches {topic}."));
    }

    [Fact]
    public void Matches_TopicWrittenAsTheTemplate_IsTaken()
    {
        Assert.True(Matches("https://example.com/{id}", "https://example.com/{id}"));
    }

    [Theory]
    [InlineData("https://example.com/books/1")]
    [InlineData("a b\"<>")]
    [InlineData("ü}")]
    public void Matches_TextWithoutExpressions_IsThatTopicOnly(string text)
    {
        Assert.False(UriTemplate.IsTemplate(text));
        Assert.True(Matches(text, text));
        Assert.False(Matches(text, text + "/"));
        Assert.False(Matches(text, text[1..]));
    }

    [Theory]
    [InlineData("a{", "has \"{\" without its \"}\" at 1")]
    [InlineData("{}", "name a variable")]
    [InlineData("{=a}", "an operator that is not defined")]
    [InlineData("{a b}", "is no variable")]
    [InlineData("{a,}", "is no variable")]
    [InlineData("{a:0}", "is no variable")]
    [InlineData("{a:10000}", "is no variable")]
    [InlineData("{a:1*}", "is no variable")]
    [InlineData("{.a.}", "is no variable")]
    [InlineData("{a..b}", "is no variable")]
    [InlineData("{a%4}", "is no variable")]
    [InlineData("{a}}", "has \"}\" outside of its expressions")]
    [InlineData("{a} b", "has \" \" outside of its expressions")]
    [InlineData("{a}%4", "has \"%\" outside of its expressions")]
    public void TryParse_WhatIsNoTemplate_SaysWhatIsWrong(string text, string expected)
    {
        Assert.False(UriTemplate.TryParse(text, out var template, out var fault));

        Assert.Null(template);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_PastItsLimits_IsRefused()
    {
        Assert.True(UriTemplate.TryParse("{abcdefgh}", out _, out _, maxLength: 10));
        Assert.False(UriTemplate.TryParse("{abcdefghi}", out _, out var length, maxLength: 10));
        Assert.Equal("has 11 characters; the limit is 10", length);
        Assert.True(UriTemplate.TryParse(string.Concat(Enumerable.Range(0, UriTemplate.MaxVariables).Select(static i => $"/{{v{i}}}")), out _, out _));
        Assert.False(UriTemplate.TryParse($"{{{string.Join(',', Enumerable.Range(0, UriTemplate.MaxVariables + 1).Select(static i => $"v{i}"))}}}", out _, out var variables));
        Assert.Equal("has 33 variables; the limit is 32", variables);
    }

    [Fact]
    public void Prefix_TemplateBeginsWithText_IsThatText()
    {
        Assert.Equal("https://example.com/books/", Encoding.UTF8.GetString(Parse("https://example.com/books/{id}").Prefix));
        Assert.True(Parse("ü{id}").Prefix.IsEmpty); // It may be encoded.
        Assert.True(Parse("{+all}").Prefix.IsEmpty);
        Assert.Null(Parse("{+all}").Form);
        Assert.Equal("\u0001t{+all}", Encoding.UTF8.GetString(Parse("{+all}").Utf8));
    }

    [Theory]
    [InlineData("{a}{b}{c}{d}{e}{f}{g}{h}!")]
    [InlineData("{a,b,c,d,e,f,g,h}!")]
    [InlineData("{a*}{b*}{c*}{d*}!")]
    [InlineData("{+a}a{+b}a{+c}a{+d}a{+e}\"")]
    [InlineData("{a:400}{b:400}!")]
    public void Matches_TemplateThatBacktrackingWouldNeverEnd_IsLinear(string template)
    {
        if (UriTemplate.TryParse(template, out var parsed, out var fault))
        {
            Assert.False(parsed.Matches(Encoding.ASCII.GetBytes(new string('a', 500))));
        }
        else
        {
            Assert.Contains(template.Contains('"', StringComparison.Ordinal) ? "outside of its expressions" : "than this hub matches", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Matches_RandomTemplatesAndValues_TakesEveryExpansion()
    {
        var random = new Random(1);
        string[] names = [.. Values.Keys, "undef"];
        var cases = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 50_000 : 1_500;
        var refused = 0;

        for (var i = 0; i < cases; i++)
        {
            var template = Expression() + string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(3) == 0 ? Any("a", "/", "ü", "?", "x=", "%20") : Expression()));
            if (!UriTemplate.TryParse(template, out var parsed, out var fault))
            {
                Assert.Contains("longer prefixes, than this hub matches", fault, StringComparison.Ordinal);
                refused++;
                continue;
            }

            var expanded = TemplateExpander.Expand(template, Values);
            Assert.True(parsed.Matches(Encoding.UTF8.GetBytes(expanded)), $"{template} does not match {expanded}: seed 1, case {i}.");
        }

        Assert.True(refused < cases / 20, $"{refused} of {cases} templates were refused.");

        string Expression() => $"{{{Any("", "+", "#", ".", "/", ";", "?", "&")}{string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Any(names) is var name && Values.GetValueOrDefault(name) is string ? name + Any("", "", ":3", ":10", "*") : name + Any("", "*")))}}}";
        string Any(params string[] of) => of[random.Next(of.Length)];
    }

    [Fact]
    public void Matches_WhereComparingSuffices_SaysWhatTheExpressionSays()
    {
        var random = new Random(2);
        string[] pieces = ["{a}", "{+b}", "/", "a", "?", "{c}", "%20", "\u00fc"];
        var matched = 0;

        for (var i = 0; i < 1_000; i++)
        {
            var text = "{x}" + string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.True(UriTemplate.TryParse(text, out var template, out var fault), fault);
            Assert.True(UriTemplate.TryParse(text, out var search, out fault, 100, SharedExpressions.Unbounded, search: true), fault);
            for (var topics = 0; topics < 30; topics++)
            {
                var topic = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => (string[])["a", "/", "%20", "%4", "?", ",", "ü"]).Select(of => of[random.Next(of.Length)])));
                Assert.True(template.Matches(topic) == search.Matches(topic), $"{text} and {Encoding.UTF8.GetString(topic)}: seed 2, case {i}.");
                matched += search.Matches(topic) ? 1 : 0;
            }
        }

        Assert.True(matched > 1_000, $"Only {matched} matched: the test compares little.");
    }

    private static bool Matches(string template, string topic) => Parse(template).Matches(Encoding.UTF8.GetBytes(topic));

    private static UriTemplate Parse(string text)
    {
        Assert.True(UriTemplate.TryParse(text, out var template, out var fault), $"{text} {fault}");
        return template;
    }
}
