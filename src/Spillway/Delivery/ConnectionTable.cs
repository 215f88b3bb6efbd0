namespace Spillway.Delivery;

/// <summary>A loop's connections by a dense number of its own, which is used again after a close; the generation tells the uses apart.</summary>
internal sealed class ConnectionTable : IDisposable
{
    /// <summary>No deadline.</summary>
    public const uint Never = uint.MaxValue;

    private readonly ChunkedArray<HotConnection> _hot;
    private readonly Stack<int> _free = new();
    private NativeArray<uint> _deadlines = new(1024);
    private NativeArray<uint> _lifetimes = new(1024);
    private NativeArray<uint> _pings = new(1024);
    private NativeArray<uint> _expiries = new(1024);
    private NativeArray<uint> _opened = new(1024);
    private NativeArray<long> _seen = new(1024);
    private NativeArray<ulong> _behind = new(1024 / 64);

    public ConnectionTable(int limit)
    {
        _hot = new ChunkedArray<HotConnection>(limit + 1L);
    }

    /// <summary>One above the highest number ever used.</summary>
    public int End { get; private set; }

    /// <summary>Connections in use.</summary>
    public int Count { get; private set; }

    public ref HotConnection this[int connection] => ref _hot[connection];

    /// <summary>The tick at which a connection wants to be looked at.</summary>
    public ref uint Deadline(int connection) => ref _deadlines[connection];

    /// <summary>The tick at which a connection's life ends.</summary>
    public ref uint Lifetime(int connection) => ref _lifetimes[connection];

    /// <summary>The tick at which it is sent a ping.</summary>
    public ref uint Ping(int connection) => ref _pings[connection];

    /// <summary>The tick at which its lease is to be looked at.</summary>
    public ref uint Expiry(int connection) => ref _expiries[connection];

    /// <summary>The tick at which it came.</summary>
    public ref uint Opened(int connection) => ref _opened[connection];

    /// <summary>What names them outside.</summary>
    public ConnectionIds Ids { get; } = new();

    /// <summary>The offset up to which a visit found nothing owed: a replay need not look at what lies before, nor tell that it is no longer kept.</summary>
    public ref long Seen(int connection) => ref _seen[connection];

    /// <summary>The 64 connections of a word of a bitmap: a bit for each that is behind. What a sweep passes over is thereby not touched.</summary>
    public ulong BehindOf(long word) => word < _behind.Length ? _behind[word] : 0;

    /// <summary>Sets or clears <see cref="ConnectionFlags.Behind"/>.</summary>
    public void SetBehind(int connection, bool isBehind)
    {
        ref var word = ref _behind[connection >> 6];
        var bit = 1UL << connection;
        ref var flags = ref this[connection].Flags;
        (word, flags) = isBehind ? (word | bit, flags | ConnectionFlags.Behind) : (word & ~bit, flags & ~ConnectionFlags.Behind);
    }

    public unsafe Span<uint> Deadlines => new(_deadlines.Pointer, End);

    public int Add()
    {
        if (!_free.TryPop(out var connection))
        {
            connection = End++;
            _hot.Ensure(connection);
            if (connection >= _deadlines.Length)
            {
                _deadlines = _deadlines.GrownTo(_deadlines.Length * 2);
                _lifetimes = _lifetimes.GrownTo(_lifetimes.Length * 2);
                _pings = _pings.GrownTo(_pings.Length * 2);
                _expiries = _expiries.GrownTo(_expiries.Length * 2);
                _opened = _opened.GrownTo(_opened.Length * 2);
                _seen = _seen.GrownTo(_seen.Length * 2);
                _behind = _behind.GrownTo(_behind.Length * 2);
            }
        }

        var generation = this[connection].Generation + 1;
        this[connection] = new HotConnection { Generation = generation };
        Deadline(connection) = Never;
        Lifetime(connection) = Never;
        Ping(connection) = Never;
        Expiry(connection) = Never;
        Seen(connection) = 0;
        Count++;
        return connection;
    }

    public void Remove(int connection)
    {
        SetBehind(connection, false);
        Ids.Remove(connection);
        this[connection].State = ConnectionState.Free;
        Deadline(connection) = Never;
        _free.Push(connection);
        Count--;
    }

    public bool IsCurrent(int connection, int generation) =>
        connection < End && this[connection].State != ConnectionState.Free && this[connection].Generation == generation;

    public void Dispose()
    {
        _hot.Dispose();
        _deadlines.Dispose();
        _lifetimes.Dispose();
        _pings.Dispose();
        _expiries.Dispose();
        _opened.Dispose();
        Ids.Dispose();
        _seen.Dispose();
        _behind.Dispose();
    }
}
