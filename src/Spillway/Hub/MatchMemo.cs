using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>
/// The matchers of every topic that has a strand, remembered while matchers come and go: one of a single topic concerns no other topic, and with the last few of the others a topic's list is brought up to date
/// when its next event comes. Under the dispatcher's lock.
/// </summary>
internal sealed class MatchMemo
{
    /// <summary>Changes that a list is brought up to date with. After more the topic is matched anew. A power of two: they lie in a ring.</summary>
    public const int MaxChanges = 16;

    /// <summary>Distinct lists kept; beyond, all topics are matched anew.</summary>
    public const int MaxLists = 65_536;

    /// <summary>Comings and goings after which all topics are matched anew: lists may hold what has gone.</summary>
    public const int MaxTurnover = 65_536;

    private readonly StrandTable _strands;
    private readonly MatcherTable _matchers;
    private readonly List<PatternMatches> _lists = [PatternMatches.None];
    private readonly IndexedMatcher[] _changes = new IndexedMatcher[MaxChanges]; // A version's at its remainder.
    private readonly List<IndexedMatcher> _current = new(MatcherTable.MaxMatches);
    private int _version;
    private int _turnover; // Since lists were forgotten.

    /// <param name="strands">Keep each topic's list, and the version for which it is right.</param>
    /// <param name="matchers">All matchers. None may have come before.</param>
    /// <param name="version">The first version; for tests, which cannot wait for the last.</param>
    public MatchMemo(StrandTable strands, MatcherTable matchers, int version = 0)
    {
        (_strands, _matchers, _version) = (strands, matchers, version);
        matchers.Changed = Take;
    }

    /// <summary>Lists remembered.</summary>
    public int Lists => _lists.Count;

    /// <summary>The matchers that match a topic.</summary>
    public PatternMatches Of(ReadOnlySpan<byte> topic)
    {
        var strand = _strands.Find(topic, pattern: false);
        if (strand < 0)
        {
            return _matchers.Match(topic);
        }

        ref var state = ref _strands[strand];
        if (state.MatchesVersion != _version)
        {
            if (_lists.Count >= MaxLists || _turnover >= MaxTurnover)
            {
                Forget();
            }

            var changes = state.MatchesVersion < 0 ? int.MaxValue : _version - state.MatchesVersion;
            state.Matches = changes <= MaxChanges && TryBringUpToDate(topic, changes, ref state.Matches) ? state.Matches : Intern(_matchers.Match(topic));
            state.MatchesVersion = _version;
        }

        return _lists[state.Matches];
    }

    /// <summary>Applies the newest changes to a topic's list. False if it must be matched anew: what was left out of it for a bound is not known.</summary>
    private bool TryBringUpToDate(ReadOnlySpan<byte> topic, int changes, ref int list)
    {
        var old = _lists[list];
        if (old.Overflow)
        {
            return false;
        }

        _current.Clear();
        foreach (var matcher in old.Matchers)
        {
            if (!matcher.IsGone)
            {
                _current.Add(matcher);
            }
        }

        for (var back = 0; back < changes; back++)
        {
            var changed = _changes[(_version - back) & (MaxChanges - 1)];
            if (changed.IsGone || _current.Contains(changed) || !changed.Matches(topic))
            {
                continue;
            }

            if (_current.Count >= MatcherTable.MaxMatches)
            {
                return false;
            }

            _current.Add(changed);
        }

        if (!_current.SequenceEqual(old.Matchers))
        {
            list = Intern(_current.Count == 0 ? PatternMatches.None : new PatternMatches([.. _current], Overflow: false));
        }

        return true;
    }

    /// <summary>A matcher has come, or is about to go.</summary>
    private void Take(IndexedMatcher changed)
    {
        _turnover++;
        if (changed.Matcher is not ExactTopic exact)
        {
            Advance(1);
            _changes[_version & (MaxChanges - 1)] = changed;
        }
        else if (_strands.Find(exact.Topic, pattern: false) is var strand and >= 0)
        {
            _strands[strand].MatchesVersion = -1;
        }
    }

    /// <summary>Every topic is matched anew when its next event comes.</summary>
    private void Forget()
    {
        _lists.RemoveRange(1, _lists.Count - 1);
        _turnover = 0;
        Advance(MaxChanges + 1);
    }

    private void Advance(int versions)
    {
        if (_version > int.MaxValue - versions)
        {
            _strands.ForgetMatches(); // Before a version comes again that some topic may still have.
            _version = 0;
            return;
        }

        _version += versions;
    }

    private int Intern(PatternMatches matches)
    {
        if (matches.Matchers.Length == 0 && !matches.Overflow)
        {
            return 0;
        }

        // Topics of one kind match the same patterns: look at the newest few lists before adding one.
        for (var i = _lists.Count - 1; i > Math.Max(0, _lists.Count - 9); i--)
        {
            if (_lists[i].Overflow == matches.Overflow && _lists[i].Matchers.AsSpan().SequenceEqual(matches.Matchers))
            {
                return i;
            }
        }

        _lists.Add(matches);
        return _lists.Count - 1;
    }
}
