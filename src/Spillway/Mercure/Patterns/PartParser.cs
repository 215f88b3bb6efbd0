using System.Globalization;

namespace Spillway.Mercure.Patterns;

/// <summary>Reads the parts of one component's pattern.</summary>
internal sealed class PartParser
{
    private readonly ComponentRules _rules;
    private readonly List<Token> _tokens;
    private readonly List<PatternPart> _parts = [];
    private readonly string _segmentRegexp;
    private string _pending = "";
    private string _fault = "";
    private int _index;
    private int _nextNumber;

    private PartParser(ComponentRules rules, List<Token> tokens)
    {
        _rules = rules;
        _tokens = tokens;
        _segmentRegexp = rules.Delimiter is { } delimiter ? $"[^{(delimiter is '.' or '/' ? "\\" : "")}{delimiter}]+?" : "[^]+?";
    }

    /// <param name="text">The pattern of one component.</param>
    /// <param name="rules">The component's.</param>
    /// <param name="parts">In their order; no part is empty text.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the pattern.</param>
    public static bool TryParse(string text, ComponentRules rules, out List<PatternPart> parts, out string fault)
    {
        parts = [];
        if (!Tokenizer.TryRead(text, lenient: false, out var tokens, out fault))
        {
            return false;
        }

        var parser = new PartParser(rules, tokens);
        while (parser._index < tokens.Count && parser._fault.Length == 0)
        {
            parser.Next();
        }

        parts = parser._parts;
        fault = parser._fault;
        return fault.Length == 0;
    }

    private void Next()
    {
        var character = Take(TokenKind.Char);
        var name = Take(TokenKind.Name);
        var group = TakeGroup(name);
        if (name is not null || group is not null)
        {
            var prefix = character ?? "";
            if (prefix.Length > 0 && !(prefix.Length == 1 && prefix[0] == _rules.Prefix))
            {
                _pending += prefix;
                prefix = "";
            }

            AddPending();
            AddPart(prefix, name, group, "", TakeModifier());
            return;
        }

        if ((character ?? Take(TokenKind.EscapedChar)) is { } text)
        {
            _pending += text;
            return;
        }

        if (Take(TokenKind.Open) is not null)
        {
            NextBraces();
            return;
        }

        AddPending();
        if (Take(TokenKind.End) is null)
        {
            Refuse($"has \"{_tokens[_index].Value}\" where it says nothing, at {_tokens[_index].Index} of the {_rules.Name}; write \"\\\" before it");
        }
    }

    private void NextBraces()
    {
        var prefix = TakeText();
        var name = Take(TokenKind.Name);
        var group = TakeGroup(name);
        var suffix = TakeText();
        if (Take(TokenKind.Close) is null)
        {
            Refuse($"has \"{{\" without its \"}}\" in the {_rules.Name}, or more than one group within; braces hold text, one group and text");
            return;
        }

        AddPart(prefix, name, group, suffix, TakeModifier());
    }

    private void AddPart(string prefix, string? name, Token? group, string suffix, PartModifier modifier)
    {
        if (name is null && group is null && modifier == PartModifier.None)
        {
            _pending += prefix; // Braces around text, which change nothing.
            return;
        }

        AddPending();
        if (name is null && group is null)
        {
            if (prefix.Length > 0 && Encode(prefix) is { } text)
            {
                _parts.Add(new PatternPart(PartKind.FixedText, text, modifier));
            }

            return;
        }

        // A regexp that says the same as a wildcard is one.
        var regexp = group is not { } token ? _segmentRegexp : token.Kind == TokenKind.Asterisk ? ".*" : token.Value;
        var kind = regexp == _segmentRegexp ? PartKind.SegmentWildcard : regexp == ".*" ? PartKind.FullWildcard : PartKind.Regexp;
        name ??= _nextNumber++.ToString(CultureInfo.InvariantCulture);
        if (_parts.Exists(part => part.Name == name))
        {
            Refuse($"has two groups named \"{name}\" in the {_rules.Name}");
        }
        else if (Encode(prefix) is { } before && Encode(suffix) is { } behind)
        {
            _parts.Add(new PatternPart(kind, kind == PartKind.Regexp ? regexp : "", modifier, name, before, behind));
        }
    }

    private void AddPending()
    {
        if (_pending.Length > 0 && Encode(_pending) is { } text)
        {
            _parts.Add(new PatternPart(PartKind.FixedText, text, PartModifier.None));
        }

        _pending = "";
    }

    private string? Encode(string text)
    {
        if (_rules.Encode(text, out var encoded))
        {
            return encoded;
        }

        Refuse($"has \"{text}\" in its {_rules.Name}, which no URL has there");
        return null;
    }

    private string TakeText()
    {
        var text = "";
        while ((Take(TokenKind.Char) ?? Take(TokenKind.EscapedChar)) is { } piece)
        {
            text += piece;
        }

        return text;
    }

    private Token? TakeGroup(string? name)
    {
        var token = _index < _tokens.Count ? _tokens[_index] : default;
        return Take(TokenKind.Regexp) is not null || (name is null && Take(TokenKind.Asterisk) is not null) ? token : null;
    }

    private PartModifier TakeModifier() => (Take(TokenKind.OtherModifier) ?? Take(TokenKind.Asterisk)) switch
    {
        "?" => PartModifier.Optional,
        "*" => PartModifier.ZeroOrMore,
        "+" => PartModifier.OneOrMore,
        _ => PartModifier.None,
    };

    private string? Take(TokenKind kind) => _index < _tokens.Count && _tokens[_index].Kind == kind ? _tokens[_index++].Value : null;

    private void Refuse(string fault) => _fault = _fault.Length == 0 ? fault : _fault;
}
