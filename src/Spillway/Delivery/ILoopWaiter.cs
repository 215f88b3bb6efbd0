namespace Spillway.Delivery;

/// <summary>How a loop's thread sleeps, and how others wake it: a semaphore, or a poll set with an event descriptor.</summary>
internal interface ILoopWaiter : IDisposable
{
    /// <summary>Sleeps until woken, until something has come for the loop's connections, or until time is over. The loop's thread.</summary>
    void Wait(TimeSpan atMost);

    /// <summary>Takes what has come for the loop's connections, without sleeping: a loop that has work goes round without it. The loop's thread.</summary>
    void Poll();

    /// <summary>Ends the wait. Any thread.</summary>
    void Wake();
}
