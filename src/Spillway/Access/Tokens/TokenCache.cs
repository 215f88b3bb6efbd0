namespace Spillway.Access.Tokens;

/// <summary>
/// What is known of tokens that were presented lately. Two halves: a full one becomes the older, and the older is forgotten. What is used again moves to the newer, so at
/// least the half that was used last is always there, without a list to keep in order.
/// </summary>
/// <param name="entries">How many there may be; none below two.</param>
/// <param name="metrics">Where forgotten ones are counted.</param>
internal sealed class TokenCache<T>(int entries, TokenMetrics metrics)
    where T : struct, IRemembered
{
    private readonly Lock _lock = new();
    private Dictionary<TokenDigest, T> _newer = [];
    private Dictionary<TokenDigest, T> _older = [];

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

    /// <summary>What is known of a token, if that still holds.</summary>
    public T? Find(TokenDigest token, DateTimeOffset now)
    {
        lock (_lock)
        {
            var isNewer = _newer.TryGetValue(token, out var found);
            if (!isNewer && !_older.Remove(token, out found))
            {
                return null;
            }

            if (!found.StillHolds(now))
            {
                _newer.Remove(token);
                return null;
            }

            if (!isNewer)
            {
                AddLocked(token, found);
            }

            return found;
        }
    }

    public void Add(TokenDigest token, T known)
    {
        lock (_lock)
        {
            if (entries >= 2)
            {
                _older.Remove(token);
                AddLocked(token, known);
            }
        }
    }

    /// <summary>Remembers what another does, each as <paramref name="rebind"/> has it for here; null: not at all.</summary>
    public void TakeOver(TokenCache<T> before, Func<T, T?> rebind)
    {
        KeyValuePair<TokenDigest, T>[] all;
        lock (before._lock)
        {
            all = [.. before._older, .. before._newer];
        }

        foreach (var (token, ticket) in all)
        {
            if (rebind(ticket) is { } bound)
            {
                Add(token, bound);
            }
        }
    }

    private void AddLocked(TokenDigest token, T known)
    {
        if (_newer.Count >= entries / 2 && !_newer.ContainsKey(token))
        {
            metrics.Evicted(_older.Count);
            _older.Clear();
            (_newer, _older) = (_older, _newer);
        }

        _newer[token] = known;
    }
}
