using Spillway.Events;

namespace Spillway.Hub;

/// <summary>Matchers of one form by their literal prefixes: a topic is compared only with those whose prefix it begins with. Under the dispatcher's lock.</summary>
internal sealed class PrefixIndex(TopicForm? form)
{
    private readonly Dictionary<byte[], List<IndexedMatcher>> _byPrefix = new(Utf8Comparer.Instance);
    private readonly SortedDictionary<int, int> _lengths = []; // Of prefixes, with how many prefixes have them: no other length need be looked up.

    public TopicForm? Form => form;

    public bool IsEmpty => _byPrefix.Count == 0;

    public void Add(IndexedMatcher matcher)
    {
        var prefix = matcher.Matcher.Prefix;
        if (!_byPrefix.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(prefix, out var list))
        {
            _byPrefix.Add(prefix.ToArray(), list = []);
            _lengths[prefix.Length] = _lengths.GetValueOrDefault(prefix.Length) + 1;
        }

        list.Add(matcher);
    }

    public void Remove(IndexedMatcher matcher)
    {
        var lookup = _byPrefix.GetAlternateLookup<ReadOnlySpan<byte>>();
        var prefix = matcher.Matcher.Prefix;
        if (!lookup.TryGetValue(prefix, out var list) || !list.Remove(matcher) || list.Count > 0)
        {
            return;
        }

        lookup.Remove(prefix);
        if (--_lengths[prefix.Length] == 0)
        {
            _lengths.Remove(prefix.Length);
        }
    }

    /// <summary>Adds the matchers of a topic. False if a bound was reached.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="found">Those that match, of other forms too.</param>
    /// <param name="asked">How many matchers were asked for this topic until now.</param>
    public bool Match(ReadOnlySpan<byte> topic, List<IndexedMatcher> found, ref int asked)
    {
        var formed = form is null ? topic : form.Of(topic);
        if (form is not null && formed.IsEmpty)
        {
            return true;
        }

        var lookup = _byPrefix.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var (length, _) in _lengths)
        {
            if (length > formed.Length)
            {
                break;
            }

            if (lookup.TryGetValue(formed[..length], out var list) && !Ask(list, topic, found, ref asked))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Ask(List<IndexedMatcher> list, ReadOnlySpan<byte> topic, List<IndexedMatcher> found, ref int asked)
    {
        foreach (var matcher in list)
        {
            if (++asked > MatcherTable.MaxAsked)
            {
                return false;
            }

            if (!matcher.Matcher.Matches(topic))
            {
                continue;
            }

            if (found.Count == MatcherTable.MaxMatches)
            {
                return false;
            }

            found.Add(matcher);
        }

        return true;
    }
}
