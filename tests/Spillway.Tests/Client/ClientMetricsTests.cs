using System.Diagnostics.Metrics;
using Spillway.Client;

namespace Spillway.Tests.Client;

public sealed class ClientMetricsTests
{
    [Fact]
    public async Task SubscribeAsync_Faults_AreCounted()
    {
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Spillway.Client")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (counts)
            {
                counts[instrument.Name] = counts.GetValueOrDefault(instrument.Name) + value; // Other tests count too: at least what this one adds.
            }
        });
        listener.Start();
        await using var hub = new FakeHub(
            exchange => exchange.AnswerAsync("503 Busy"),
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b");
                await exchange.EventAsync("1-b");
                await exchange.EventAsync("1-c", new string('x', 2_000));
            },
            async exchange =>
            {
                await exchange.OpenAsync("1-c");
                await exchange.UntilClosedAsync();
            });
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = ["a"], MaxEventBytes = 1_024 });

        var refused = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(refused.Delay);
        await subscriber.NextAsync<ReceivedEvent>();
        await subscriber.NextAsync<GapNotice>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
        var silent = await subscriber.NextAsync<DisconnectedNotice>(TimeSpan.FromSeconds(37.5));

        Assert.Equal(DisconnectReason.Silent, silent.Reason);
        string[] expected = ["failed_attempts", "duplicate_events", "oversized_events", "gaps", "reconnects", "silent_connections"];
        lock (counts)
        {
            Assert.All(expected, name => Assert.InRange(counts.GetValueOrDefault("spillway.client." + name), 1, long.MaxValue));
        }
    }
}
