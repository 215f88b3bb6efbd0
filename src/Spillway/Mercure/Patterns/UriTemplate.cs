using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;
using Spillway.Events;

namespace Spillway.Mercure.Patterns;

/// <summary>
/// A URI template of RFC 6570, matched in reverse: it matches a topic that it becomes for some values of its variables, each of which may be undefined.
/// A variable that stands twice may have two values. It also matches the topic that is written as the template is.
/// </summary>
internal sealed class UriTemplate : TopicMatcher
{
    /// <summary>The most variables of a template: each is a place where matching has to try.</summary>
    public const int MaxVariables = 32;

    /// <summary>The most characters of a template where nothing else is said.</summary>
    public const int DefaultMaxLength = 2048;

    private readonly byte[] _written;
    private readonly DirectTemplate? _direct;
    private readonly Regex? _regex;

    private UriTemplate(string text, byte[] prefix, DirectTemplate? direct, Regex? regex)
        : base(text, $"\u0001t{text}", prefix)
    {
        _written = Encoding.UTF8.GetBytes(text);
        _direct = direct;
        _regex = regex;
    }

    /// <summary>How many expressions it needs.</summary>
    public int Expressions => _regex is null ? 0 : 1;

    /// <summary>Whether a selector is a template; one that is none is the name of one topic.</summary>
    public static bool IsTemplate(string selector) => selector.Contains('{', StringComparison.Ordinal);

    /// <param name="text">The template; text without expressions is a topic, and matches nothing but itself.</param>
    /// <param name="template">The template.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the template.</param>
    /// <param name="maxLength">The most characters it may have.</param>
    /// <param name="expressions">Where expressions come from; null: there may be any number.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out UriTemplate? template, out string fault, int maxLength = DefaultMaxLength, SharedExpressions? expressions = null)
        => TryParse(text, out template, out fault, maxLength, expressions ?? SharedExpressions.Unbounded, search: false);

    /// <param name="search">Whether to match by the regular expression even where comparing suffices, as tests do that compare the two.</param>
    internal static bool TryParse(string text, [NotNullWhen(true)] out UriTemplate? template, out string fault, int maxLength, SharedExpressions expressions, bool search)
    {
        template = null;
        fault = text.Length > maxLength ? $"has {text.Length} characters; the limit is {maxLength}" : "";
        if (fault.Length > 0 || !IsTemplate(text))
        {
            template = fault.Length > 0 ? null : new UriTemplate(text, Encoding.UTF8.GetBytes(text), null, null);
            return template is not null;
        }

        if (!TemplateParser.TryParse(text, out var pieces, out fault))
        {
            return false;
        }

        if (pieces.Sum(static piece => piece.Variables.Count) is > MaxVariables and var variables)
        {
            fault = $"has {variables} variables; the limit is {MaxVariables}";
            return false;
        }

        // Text that is not ASCII may be encoded in the topic.
        var prefix = pieces[0].Operator is null && Ascii.IsValid(pieces[0].Text) ? Encoding.UTF8.GetBytes(pieces[0].Text) : [];
        if (!search && DirectTemplate.From(pieces) is { } direct)
        {
            template = new UriTemplate(text, prefix, direct, null);
            return true;
        }

        try
        {
            // The prefix is compared: templates that differ in it only share an expression.
            template = expressions.TryGet(TemplateExpression.Write(pieces.Skip(prefix.Length > 0 ? 1 : 0)), out var regex) ? new UriTemplate(text, prefix, null, regex) : null;
            fault = template is null ? expressions.FaultOfMany() : "";
            return template is not null;
        }
        catch (NotSupportedException)
        {
            // The engine bounds its states: about a hundred characters in all the prefixes of a template.
            fault = "has more variables, or longer prefixes, than this hub matches; use fewer, or shorter ones";
            return false;
        }
    }

    public override bool Matches(ReadOnlySpan<byte> topic)
    {
        if (topic.SequenceEqual(_written))
        {
            return true;
        }

        if (!topic.StartsWith(Prefix))
        {
            return false;
        }

        return _direct?.Matches(topic) ?? (_regex is not null && Search(topic[Prefix.Length..]));
    }

    // One character stands for one byte, so that text that is not ASCII costs no decoding.
    private bool Search(ReadOnlySpan<byte> topic)
    {
        var rented = topic.Length > Topic.MaxBytes ? ArrayPool<char>.Shared.Rent(topic.Length) : null;
        var characters = rented ?? stackalloc char[Topic.MaxBytes];
        var length = Encoding.Latin1.GetChars(topic, characters);
        var matches = _regex!.IsMatch(characters[..length]);
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return matches;
    }
}
