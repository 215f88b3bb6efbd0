namespace Spillway.Delivery;

/// <summary>How a loop's thread sleeps, and how others wake it: a semaphore, or a poll set with an event descriptor.</summary>
internal interface ILoopWaiter : IDisposable
{
    void Wait(TimeSpan atMost);

    void Wake();
}
