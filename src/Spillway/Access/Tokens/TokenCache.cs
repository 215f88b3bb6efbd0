namespace Spillway.Access.Tokens;

/// <summary>
/// The tickets of tokens that were presented lately. Two halves: a full one becomes the older, and the older is forgotten. What is used again moves to the newer, so at
/// least the half that was used last is always there, without a list to keep in order.
/// </summary>
/// <param name="entries">How many tickets there may be; none below two.</param>
/// <param name="metrics">Where forgotten ones are counted.</param>
internal sealed class TokenCache(int entries, TokenMetrics metrics)
{
    private readonly Lock _lock = new();
    private Dictionary<TokenDigest, CachedTicket> _newer = [];
    private Dictionary<TokenDigest, CachedTicket> _older = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _newer.Count + _older.Count;
            }
        }
    }

    /// <summary>The ticket of a token, if it was good before and still is.</summary>
    public AccessTicket? Find(TokenDigest token, DateTimeOffset now)
    {
        lock (_lock)
        {
            var isNewer = _newer.TryGetValue(token, out var found);
            if (!isNewer && !_older.Remove(token, out found))
            {
                return null;
            }

            if (!found.IsGood(now))
            {
                _newer.Remove(token);
                return null;
            }

            if (!isNewer)
            {
                AddLocked(token, found);
            }

            return found.Ticket;
        }
    }

    public void Add(TokenDigest token, CachedTicket ticket)
    {
        lock (_lock)
        {
            if (entries >= 2)
            {
                _older.Remove(token);
                AddLocked(token, ticket);
            }
        }
    }

    private void AddLocked(TokenDigest token, CachedTicket ticket)
    {
        if (_newer.Count >= entries / 2 && !_newer.ContainsKey(token))
        {
            metrics.Evicted(_older.Count);
            _older.Clear();
            (_newer, _older) = (_older, _newer);
        }

        _newer[token] = ticket;
    }
}
