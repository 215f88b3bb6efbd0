using Spillway.Hub;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>A hub that tells everybody the same reconnection delay.</summary>
internal sealed class FixedRetry(PushHub hub, int milliseconds) : ISubscriptions
{
    public ValueTask<Subscription?> SubscribeAsync(SubscriptionRequest request, CancellationToken cancellationToken) => hub.SubscribeAsync(request, cancellationToken);

    public int NextRetryMilliseconds() => milliseconds;
}
