using Spillway.Hub;

namespace Spillway.TestKit;

/// <summary>A hub that accepts what a test gives it, and remembers what it was asked.</summary>
internal sealed class FakeSubscriptions : ISubscriptions
{
    /// <summary>Answered to every request; null: the hub is full.</summary>
    public Subscription? Next { get; set; }

    public int Retry { get; set; } = 3127;

    public SubscriptionRequest? Asked { get; private set; }

    public ValueTask<Subscription?> SubscribeAsync(SubscriptionRequest request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Subscription?>(cancellationToken);
        }

        Asked = request;
        if (Next is FakeSubscription fake)
        {
            fake.Asked = request;
        }

        return ValueTask.FromResult(Next);
    }

    public int NextRetryMilliseconds() => Retry;
}
