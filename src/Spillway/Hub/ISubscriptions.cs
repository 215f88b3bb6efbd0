namespace Spillway.Hub;

/// <summary>The hub's face towards the transports.</summary>
internal interface ISubscriptions
{
    /// <summary>
    /// Registers a subscription and finds where it begins; null at the connection limit. The caller writes its head and opening block,
    /// then calls <see cref="Subscription.RunAsync"/>; or disposes it.
    /// </summary>
    ValueTask<Subscription?> SubscribeAsync(SubscriptionRequest request, CancellationToken cancellationToken);

    /// <summary>A reconnection delay in milliseconds, jittered, spread over the time that everyone connected would need to come back.</summary>
    int NextRetryMilliseconds();
}
