using Spillway.Delivery;

namespace Spillway.TestKit;

/// <summary>Does not sleep: where a loop would, a test's step is taken on its thread.</summary>
internal sealed class ScriptedWaiter : ILoopWaiter
{
    /// <summary>What happens when the loop is about to sleep, for the first, second, … time.</summary>
    public Action<int> OnWait { get; set; } = static _ => { };

    public int Waits { get; private set; }

    public int Wakes { get; private set; }

    /// <summary>For how long the loop would sleep, at most, this time.</summary>
    public TimeSpan Longest { get; private set; }

    public void Wait(TimeSpan atMost)
    {
        Longest = atMost;
        OnWait(++Waits);
    }

    public void Poll()
    {
    }

    public void Wake() => Wakes++;

    public void Dispose()
    {
    }
}
