using System.Runtime.InteropServices;
using Spillway.Delivery;

namespace Spillway.TestKit;

/// <summary>A subscriber's end in memory: what was written to it, and why it ended.</summary>
internal sealed class TestConnection
{
    private readonly TaskCompletionSource<CloseReason> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte> _bytes = [];
    private bool _dropped;

    public Task<CloseReason> Ended => _ended.Task;

    /// <summary>The subscription's run.</summary>
    public Task<CloseReason> Running { get; set; } = Task.FromResult(CloseReason.Failed);

    /// <summary>Through whom it asks its loop for something.</summary>
    public TestOwner? Owner { get; set; }

    /// <summary>What names it outside.</summary>
    public ulong Id { get; set; }

    public int Number { get; private set; } = -1;

    public int Generation { get; private set; }

    public DeliveryLoop? Loop { get; private set; }

    /// <summary>Whether it takes nothing until <see cref="FaultySink.Resume"/>.</summary>
    public bool Stalled { get; set; }

    /// <summary>How many bytes it takes from now on.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>What happens while bytes are written to it, on the loop's thread: where a test forces a race.</summary>
    public Action? OnSend { get; set; }

    /// <summary>Writes that it did not take whole, or behind which it takes nothing more.</summary>
    public int Refusals { get; set; }

    /// <summary>Why it ended; null as long as it has not.</summary>
    public CloseReason? Reason { get; private set; }

    /// <summary>Times the loop has forgotten it.</summary>
    public int Closes { get; private set; }

    public byte[] Bytes
    {
        get
        {
            lock (_bytes)
            {
                return [.. _bytes];
            }
        }
    }

    /// <summary>What came behind the first bytes.</summary>
    public byte[] BytesFrom(int start)
    {
        lock (_bytes)
        {
            return [.. _bytes[start..]];
        }
    }

    /// <summary>Whether something is among the last bytes that came.</summary>
    public bool HasLast(ReadOnlySpan<byte> bytes, int among = 4_096)
    {
        lock (_bytes)
        {
            return CollectionsMarshal.AsSpan(_bytes)[Math.Max(0, _bytes.Count - among)..].IndexOf(bytes) >= 0;
        }
    }

    public void Take(ReadOnlySpan<byte> bytes)
    {
        lock (_bytes)
        {
            _bytes.AddRange(bytes);
        }
    }

    public void End(CloseReason reason)
    {
        Closes++;
        Reason = reason;
        _ended.TrySetResult(reason);
    }

    /// <summary>The subscriber goes away; maybe before the loop has adopted it.</summary>
    public void Drop()
    {
        lock (_bytes)
        {
            _dropped = true;
            Loop?.Post(LoopCommand.Gone(Number, Generation));
        }
    }

    /// <summary>The loop has adopted it.</summary>
    public void Adopted(DeliveryLoop loop, int number, int generation)
    {
        lock (_bytes)
        {
            (Loop, Number, Generation) = (loop, number, generation);
            if (_dropped)
            {
                Drop();
            }
        }
    }
}
