using Spillway.Delivery;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Takes a detached socket, and says what it was given; a second call of either kind fails the test.</summary>
internal sealed class RecordingAdopter : ISocketAdopter
{
    private readonly TaskCompletionSource<(int Descriptor, byte[] Early)?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    /// <summary>The descriptor and the early bytes; null: gone.</summary>
    public Task<(int Descriptor, byte[] Early)?> Outcome => _outcome.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Why it is gone.</summary>
    public CloseReason? Reason { get; private set; }

    public int Calls => Volatile.Read(ref _calls);

    public void Adopt(int descriptor, byte[] early)
    {
        Interlocked.Increment(ref _calls);
        _outcome.SetResult((descriptor, early));
    }

    public void Gone(CloseReason reason)
    {
        Reason = reason;
        Interlocked.Increment(ref _calls);
        _outcome.SetResult(null);
    }
}
