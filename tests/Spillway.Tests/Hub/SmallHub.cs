using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>Short ways to a small hub, and to what one asks of it.</summary>
internal static class SmallHub
{
    public static SpillwayOptions Small()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = 64;
        options.Delivery.WindowBytes = 128 * 1024;
        options.Delivery.Loops = 1;
        return options;
    }

    public static SubscriptionRequest Request(params string[] selectors) => new(Selectors.Of(selectors), WireFormat.SseRaw, Signals: true);

    public static long Publish(HubHarness harness, string topic, string payload, string? key = null) =>
        harness.Publish(new PushEvent { Topic = topic, Payload = Encoding.UTF8.GetBytes(payload), Key = key }).Offset;

    public static async Task<T> Within<T>(Task<T> task) => await task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
}
