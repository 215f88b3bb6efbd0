using System.Numerics;

namespace Spillway.Delivery;

/// <summary>
/// Connections that wait until their batch interval has passed: lists in slots of 10 ms, over which one hand goes. There is nothing of it, and nothing of a connection,
/// before the first one waits.
/// </summary>
internal sealed class BatchWheel(int connectionLimit) : IDisposable
{
    public const int SlotMilliseconds = 10;

    private const int Slots = 8_192; // 82 s: the longest interval (TopicRule.Batch), its spread, and a hand that is late.
    private const int Mask = Slots - 1;

    private readonly ChunkedArray<BatchState> _states = new(connectionLimit + 1L);
    private readonly ulong[] _used = new ulong[Slots / 64];
    private int[]? _first; // Of each slot, plus one.
    private long _hand; // No connection is due in a slot before it.

    /// <summary>Whether anything ever waited, or may.</summary>
    public bool IsInUse => _first is not null;

    /// <summary>Connections that wait.</summary>
    public int Count { get; private set; }

    /// <summary>No connection waits for an event before this slot of the window.</summary>
    public long Oldest { get; private set; } = long.MaxValue;

    /// <summary>The slot in which somebody is due first; <see cref="long.MaxValue"/>: nobody waits.</summary>
    public long NextDue => Count == 0 ? long.MaxValue : FindUsed();

    public static long SlotAt(long milliseconds) => milliseconds / SlotMilliseconds;

    public ref BatchState this[int connection] => ref _states[connection];

    /// <summary>Before anything else is asked of a connection.</summary>
    public void Ensure(int connection)
    {
        _first ??= new int[Slots];
        _states.Ensure(connection);
    }

    /// <summary>Puts a connection in that does not wait.</summary>
    /// <param name="due">The wheel's slot at whose beginning it is due.</param>
    /// <param name="since">The window's slot of the first event that waits; <see cref="long.MaxValue"/>: none does, it only stands in line.</param>
    /// <param name="now">The wheel's slot.</param>
    public void Put(int connection, long due, long since, long now)
    {
        if (Count++ == 0)
        {
            (_hand, Oldest) = (now, long.MaxValue);
        }

        ref var state = ref _states[connection];
        (state.Since, state.LookedAt) = (since, -1);
        Oldest = Math.Min(Oldest, since);
        Link(connection, ref state, Math.Clamp(due, _hand, _hand + Slots - 1));
    }

    /// <summary>Makes a connection that waits due earlier; false if it is due by then.</summary>
    public bool Hasten(int connection, long due)
    {
        ref var state = ref _states[connection];
        if (due >= state.Due)
        {
            return false;
        }

        Unlink(ref state);
        Link(connection, ref state, Math.Max(due, _hand));
        return true;
    }

    /// <summary>Makes all due at once that wait for an event at or before a slot of the window. Returns how many there were.</summary>
    public int HastenOldest(long upTo)
    {
        var (hastened, oldest) = (0, long.MaxValue);
        for (var slot = 0; slot < Slots; slot++)
        {
            for (var connection = _first![slot] - 1; connection >= 0 && slot != (_hand & Mask);)
            {
                ref var state = ref _states[connection];
                var next = state.Next - 1;
                if (state.Since <= upTo)
                {
                    hastened++;
                    Unlink(ref state);
                    Link(connection, ref state, _hand);
                }
                else
                {
                    oldest = Math.Min(oldest, state.Since);
                }

                connection = next;
            }
        }

        Oldest = oldest;
        return hastened;
    }

    public void Remove(int connection)
    {
        Unlink(ref _states[connection]);
        Count--;
    }

    /// <summary>Whether somebody is due.</summary>
    public bool IsDue(long now) => Count > 0 && FindUsed() <= now;

    /// <summary>Takes the next connection that is due.</summary>
    public bool TryTake(long now, out int connection)
    {
        connection = -1;
        if (Count == 0)
        {
            return false;
        }

        _hand = Math.Min(FindUsed(), now);
        connection = _first![_hand & Mask] - 1;
        if (connection < 0)
        {
            return false;
        }

        Remove(connection);
        return true;
    }

    public void Dispose() => _states.Dispose();

    private void Link(int connection, ref BatchState state, long slot)
    {
        ref var first = ref _first![slot & Mask];
        (state.Previous, state.Next, state.Due) = (0, first, slot);
        if (first > 0)
        {
            _states[first - 1].Previous = connection + 1;
        }

        first = connection + 1;
        _used[(slot & Mask) >> 6] |= 1UL << (int)slot;
    }

    private void Unlink(ref BatchState state)
    {
        var slot = state.Due & Mask;
        if (state.Previous > 0)
        {
            _states[state.Previous - 1].Next = state.Next;
        }
        else
        {
            _first![slot] = state.Next;
            _used[slot >> 6] &= state.Next == 0 ? ~(1UL << (int)slot) : ulong.MaxValue;
        }

        if (state.Next > 0)
        {
            _states[state.Next - 1].Previous = state.Previous;
        }
    }

    /// <summary>The first slot from the hand on that has anybody. There is one.</summary>
    private long FindUsed()
    {
        var at = _hand & Mask;
        var word = (int)(at >> 6);
        var bits = _used[word] & (ulong.MaxValue << (int)at);
        while (bits == 0)
        {
            word = (word + 1) & (_used.Length - 1);
            bits = _used[word];
        }

        var slot = (word << 6) + BitOperations.TrailingZeroCount(bits);
        return _hand + ((slot - at) & Mask);
    }
}
