using System.Numerics;

namespace Spillway.Delivery;

/// <summary>
/// Connections to be visited, as a bitmap over their numbers, passed by a hand. A pass is a round: every connection is visited at most once in it,
/// however many of its topics have news, and takes along what came meanwhile.
/// </summary>
internal sealed class Sweep : IDisposable
{
    private readonly List<int> _strands = []; // To be spread at the next round's start; each once, because of its pending bit.
    private NativeArray<ulong> _bits = new(64);
    private long _hand;
    private long _entered = -1; // The word that the hand is in.
    private bool _waiting; // Connections are set that the next round will visit.

    /// <summary>Whether there is nothing to visit and nothing to spread.</summary>
    public bool IsEmpty => !InRound && !_waiting && _strands.Count == 0;

    /// <summary>Whether the hand is under way.</summary>
    public bool InRound { get; private set; }

    public void Add(int strand) => _strands.Add(strand);

    /// <summary>Puts one connection in; if the hand has passed it, for the next round.</summary>
    public void Set(int connection)
    {
        var word = connection >> 6;
        if (word >= _bits.Length)
        {
            _bits = _bits.GrownTo(Math.Max(word + 1, _bits.Length * 2));
        }

        _bits[word] |= 1UL << connection;
        _waiting = true;
    }

    /// <summary>Begins a round with the subscribers of the strands that had news. Their pending bits are cleared before the lists are read.</summary>
    public void Begin(FeedTable feeds, Action<int> clearPending)
    {
        foreach (var strand in _strands)
        {
            clearPending(strand);
            foreach (var entry in feeds.Subscribers(strand))
            {
                if (!FeedTable.IsFeed(entry, out var feed))
                {
                    Set(entry);
                    continue;
                }

                foreach (var connection in feeds[feed].Members.Items)
                {
                    Set(connection);
                }
            }
        }

        _strands.Clear();
        (InRound, _waiting, _hand, _entered) = (true, false, 0, -1);
    }

    /// <summary>Lets go of the strands that wait to be spread: all connections are put in instead.</summary>
    public void Forget(Action<int> clearPending)
    {
        foreach (var strand in _strands)
        {
            clearPending(strand);
        }

        _strands.Clear();
    }

    /// <summary>
    /// Takes the next connection in the hand's way; false at the round's end. Those that are behind are left out, 64 at a time: they are visited when they are ready,
    /// and ten thousand that have stalled would keep the others waiting.
    /// </summary>
    public bool TryTake(ConnectionTable connections, out int connection)
    {
        for (var word = _hand >> 6; word < _bits.Length; word++)
        {
            var bits = _bits[word];
            if (word == _hand >> 6)
            {
                bits &= ulong.MaxValue << (int)(_hand & 63);
            }

            if (word != _entered)
            {
                _entered = word;
                _bits[word] &= ~connections.BehindOf(word);
                bits &= _bits[word];
            }

            if (bits != 0)
            {
                connection = (int)(word << 6) + BitOperations.TrailingZeroCount(bits);
                _bits[word] &= ~(1UL << connection);
                _hand = connection + 1;
                return true;
            }
        }

        connection = -1;
        InRound = false;
        return false;
    }

    public void Dispose() => _bits.Dispose();
}
