using System.Runtime.InteropServices;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>
/// The matchers that strands need, each once, and those of them that match a topic: native patterns by their segments, exact topics by their name, all others narrowed by their literal prefixes. Under the
/// dispatcher's lock.
/// </summary>
internal sealed class MatcherTable
{
    /// <summary>Matchers that a topic may have; beyond, the overflow strand stands for the rest.</summary>
    public const int MaxMatches = PatternTrie.MaxMatches;

    /// <summary>Matchers whose prefix fits that one look may ask. Beyond, the topic goes to the overflow strand, too.</summary>
    public const int MaxAsked = 1_024;

    private readonly Dictionary<string, IndexedMatcher> _known = new(StringComparer.Ordinal);
    private readonly PatternTrie _trie = new();
    private readonly Dictionary<byte[], IndexedMatcher> _exact = new(Utf8Comparer.Instance);
    private readonly List<PrefixIndex> _byPrefix = []; // One a form.
    private readonly List<IndexedMatcher> _found = new(MaxMatches);

    /// <summary>Told of every matcher that has come, or is about to go: what was matched before may be wrong.</summary>
    public Action<IndexedMatcher>? Changed { get; set; }

    /// <summary>Finds a matcher, or adds it.</summary>
    public IndexedMatcher GetOrAdd(TopicMatcher matcher)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, matcher.Name, out var exists);
        if (exists)
        {
            return known!;
        }

        known = new IndexedMatcher(matcher);
        switch (matcher)
        {
            case TopicPattern pattern:
                _trie.Add(pattern, known);
                break;
            case ExactTopic exact:
                _exact.Add(exact.Topic, known);
                break;
            default:
                PrefixesOf(matcher.Form).Add(known);
                break;
        }

        Changed?.Invoke(known);
        return known;
    }

    /// <summary>Takes a matcher out that no strand needs any more.</summary>
    public void RemoveIfIdle(IndexedMatcher known)
    {
        if (known.IsGone || !known.IsIdle || !_known.Remove(known.Matcher.Name))
        {
            return;
        }

        Changed?.Invoke(known);
        switch (known.Matcher)
        {
            case TopicPattern pattern:
                _trie.Remove(pattern);
                break;
            case ExactTopic exact:
                _exact.Remove(exact.Topic);
                break;
            default:
                var prefixes = PrefixesOf(known.Matcher.Form);
                prefixes.Remove(known);
                if (prefixes.IsEmpty)
                {
                    _byPrefix.Remove(prefixes);
                }

                break;
        }

        known.Leave();
    }

    /// <summary>The matchers that match a topic.</summary>
    public PatternMatches Match(ReadOnlySpan<byte> topic)
    {
        _found.Clear();
        var whole = _trie.Match(topic, _found);
        if (_exact.Count > 0 && _exact.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var exact))
        {
            whole &= _found.Count < MaxMatches;
            _found.Add(exact);
        }

        var asked = 0;
        foreach (var prefixes in _byPrefix)
        {
            whole = whole && prefixes.Match(topic, _found, ref asked);
        }

        return _found.Count == 0 && whole ? PatternMatches.None : new PatternMatches([.. _found], !whole);
    }

    private PrefixIndex PrefixesOf(TopicForm? form)
    {
        var prefixes = _byPrefix.Find(one => ReferenceEquals(one.Form, form));
        if (prefixes is null)
        {
            prefixes = new PrefixIndex(form);
            _byPrefix.Add(prefixes);
        }

        return prefixes;
    }
}
