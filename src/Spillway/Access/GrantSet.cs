using System.Diagnostics.CodeAnalysis;
using System.Text;
using Spillway.Events;

namespace Spillway.Access;

/// <summary>The topics that a credential allows for one purpose: exact ones, and patterns. What another grant covers is left out.</summary>
internal sealed class GrantSet
{
    private readonly byte[][] _topics; // Sorted.
    private readonly TopicPattern[] _patterns;
    private string? _text;

    private GrantSet(byte[][] topics, TopicPattern[] patterns) => (_topics, _patterns, AllowsAll) = (topics, patterns, patterns is [{ Text: "**" }]);

    /// <summary>Allows nothing.</summary>
    public static GrantSet None { get; } = new([], []);

    /// <summary>Allows everything.</summary>
    public static GrantSet Everything { get; } = TryCreate(["**"], 1, out var all, out _) ? all : None;

    /// <summary>Whether it allows every topic: most of what is asked of it then need not be looked at.</summary>
    public bool AllowsAll { get; }

    public bool IsEmpty => _topics.Length == 0 && _patterns.Length == 0;

    /// <summary>The exact topics, in UTF-8.</summary>
    public IReadOnlyList<byte[]> Topics => _topics;

    public IReadOnlyList<TopicPattern> Patterns => _patterns;

    /// <summary>Every grant as it is written, exact topics first.</summary>
    public IEnumerable<string> Texts => _topics.Select(Encoding.UTF8.GetString).Concat(_patterns.Select(static pattern => pattern.Text));

    /// <summary>All of it as one text, whatever the order in which it was granted. Made once: see <see cref="Ingress.Publisher"/>.</summary>
    public string Text => _text ??= string.Join('\n', Texts.Order(StringComparer.Ordinal));

    /// <summary>What every topic that is allowed begins with; empty where they have nothing in common.</summary>
    public string CommonPrefix
    {
        get
        {
            var prefixes = Texts.Select(PrefixOf).ToArray();
            var common = prefixes.Length == 0 ? "" : prefixes[0];
            foreach (var prefix in prefixes)
            {
                common = common[..common.AsSpan().CommonPrefixLength(prefix)];
            }

            // Never between the halves of a surrogate pair: it could not be written as UTF-8.
            return common.Length > 0 && char.IsHighSurrogate(common[^1]) ? common[..^1] : common;
        }
    }

    /// <summary>Reads grants. One with a segment <c>*</c> or <c>**</c> is a pattern, any other an exact topic.</summary>
    /// <param name="texts">The grants as they are written.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="grants">The set.</param>
    /// <param name="fault">What is wrong, as a sentence.</param>
    public static bool TryCreate(IReadOnlyCollection<string> texts, int most, [NotNullWhen(true)] out GrantSet? grants, out string fault)
    {
        (grants, fault) = (null, "");
        if (texts.Count > most)
        {
            fault = $"There are {texts.Count} grants; at most {most} are allowed: join some by a wider pattern.";
            return false;
        }

        var (topics, patterns) = (new List<byte[]>(), new List<TopicPattern>());
        foreach (var text in texts)
        {
            if (!TopicPattern.TryParse(text, out var pattern, out var wrong))
            {
                fault = $"The grant \"{text}\" {wrong}.";
                return false;
            }

            if (IsLiteral(text))
            {
                topics.Add(pattern!.Utf8);
            }
            else
            {
                patterns.Add(pattern!);
            }
        }

        grants = texts.Count == 0 ? None : Minimal(topics, patterns);
        return true;
    }

    /// <summary>Whether a topic is granted.</summary>
    public bool Allows(ReadOnlySpan<byte> topic) => AllowsAll || HasTopic(topic) || FindPattern(topic) is not null;

    /// <summary>The grant that allows a topic, as it is written; null where none does.</summary>
    public string? Find(ReadOnlySpan<byte> topic) => HasTopic(topic) ? Encoding.UTF8.GetString(topic) : FindPattern(topic)?.Text;

    /// <summary>
    /// What of a subscription is granted. An exact topic is as a whole or refuses it. A pattern becomes the fewest patterns that match what both it and a grant match; one
    /// that no grant overlaps refuses the subscription. What is granted as it was asked for stays the same object, so that equal subscriptions go on sharing a feed.
    /// </summary>
    /// <param name="asked">What the subscriber asks for.</param>
    /// <param name="most">How many topics and patterns there may be in the end.</param>
    public Reduction Reduce(SelectorSet asked, int most)
    {
        if (AllowsAll)
        {
            return Reduction.Grant(asked);
        }

        foreach (var topic in asked.Topics)
        {
            if (!Allows(topic))
            {
                return Reduction.Refuse(RefusalKind.Topic, Encoding.UTF8.GetString(topic));
            }
        }

        var (reduced, seen, same) = (new List<TopicPattern>(), new HashSet<string>(StringComparer.Ordinal), true);
        foreach (TopicPattern pattern in asked.Patterns)
        {
            var parts = Reduce(pattern);
            if (parts.Count == 0)
            {
                return Reduction.Refuse(RefusalKind.Pattern, pattern.Text);
            }

            same &= parts.Count == 1 && ReferenceEquals(parts[0], pattern);
            reduced.AddRange(parts.Where(part => seen.Add(part.Text)));
            if (asked.Topics.Count + reduced.Count > most)
            {
                return Reduction.Refuse(RefusalKind.TooMany, pattern.Text);
            }
        }

        return Reduction.Grant(same ? asked : new SelectorSet([.. asked.Topics], [.. reduced]));
    }

    private List<TopicPattern> Reduce(TopicPattern asked)
    {
        if (Array.Exists(_patterns, grant => grant.Covers(asked)))
        {
            return [asked];
        }

        var (parts, seen) = (new List<TopicPattern>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var grant in _patterns)
        {
            if (asked.Intersect(grant) is { } part && seen.Add(part.Text))
            {
                parts.Add(part);
            }
        }

        foreach (var topic in _topics)
        {
            // A pattern without wildcards, and no exact topic: those say that a stream is over when they have ended, which nobody asked for.
            if (asked.Matches(topic) && TopicPattern.TryParse(Encoding.UTF8.GetString(topic), out var part, out _) && seen.Add(part!.Text))
            {
                parts.Add(part);
            }
        }

        return WithoutCovered(parts);
    }

    private bool HasTopic(ReadOnlySpan<byte> topic)
    {
        var (low, high) = (0, _topics.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = topic.SequenceCompareTo(_topics[middle]);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order > 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    private TopicPattern? FindPattern(ReadOnlySpan<byte> topic)
    {
        foreach (var pattern in _patterns)
        {
            if (pattern.Matches(topic))
            {
                return pattern;
            }
        }

        return null;
    }

    private static GrantSet Minimal(List<byte[]> topics, List<TopicPattern> patterns)
    {
        var kept = WithoutCovered([.. patterns.DistinctBy(static pattern => pattern.Text, StringComparer.Ordinal)]).ToArray();
        topics.RemoveAll(topic => Array.Exists(kept, pattern => pattern.Matches(topic)));
        topics.Sort(static (one, other) => one.AsSpan().SequenceCompareTo(other));
        byte[][] distinct = [.. topics.Where((topic, i) => i == 0 || !topic.AsSpan().SequenceEqual(topics[i - 1]))];
        return new GrantSet(distinct, kept);
    }

    // Of patterns with different texts none covers another that covers it.
    private static List<TopicPattern> WithoutCovered(List<TopicPattern> patterns) =>
        patterns.Count < 2 ? patterns : patterns.FindAll(one => !patterns.Exists(other => !ReferenceEquals(one, other) && other.Covers(one)));

    // "a/**" also allows "a", so the slash is none of it.
    private static string PrefixOf(string text)
    {
        foreach (var segment in text.AsSpan().Split('/'))
        {
            if (text.AsSpan(segment) is "*" or "**")
            {
                return text[..Math.Max(0, segment.Start.Value - 1)];
            }
        }

        return text;
    }

    private static bool IsLiteral(string text) => PrefixOf(text).Length == text.Length;
}
