using Spillway.Delivery;
using Spillway.TestKit;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>After what time subscribers come back: spread over what the hub needs to accept them all.</summary>
public sealed class RetryDelayTests
{
    [Theory]
    [InlineData(0, 1, 5_000)] // Never less than four seconds' spread.
    [InlineData(4, 1, 5_000)]
    [InlineData(16, 1, 17_000)]
    [InlineData(16, 4, 5_000)]
    public async Task NextRetryMilliseconds_Connections_IsSpreadFromOneSecond(int connections, int acceptRate, int most)
    {
        var options = Small();
        options.Sse.AcceptRate = acceptRate;
        await using var harness = new HubHarness(options);
        for (var i = 0; i < connections; i++)
        {
            await harness.ConnectAsync(Request("a"));
        }

        var delays = Enumerable.Range(0, 1_000).Select(_ => harness.Hub.NextRetryMilliseconds()).ToArray();

        // Of a thousand one is in the lowest and one in the highest tenth, but for a chance of 1 in 10^45.
        Assert.InRange(delays.Min(), 1_000, 1_000 + ((most - 1_000) / 10));
        Assert.InRange(delays.Max(), most - ((most - 1_000) / 10), most);
    }

    [Fact]
    public async Task RetryMagnitude_ConnectionsDouble_RisesByADoubling()
    {
        var options = Small();
        options.Sse.AcceptRate = 1;
        await using var harness = new HubHarness(options);
        var magnitudes = new List<int>();
        foreach (var connections in (int[])[4, 7, 8, 9, 16])
        {
            while (harness.Hub.Connections < connections)
            {
                await harness.ConnectAsync(Request("a"));
            }

            magnitudes.Add(harness.Hub.RetryMagnitude);
        }

        Assert.Equal([0, 5, 6, 7, 12], magnitudes.Select(magnitude => magnitude - magnitudes[0]));
        Assert.Equal(magnitudes[0] + IRetryDelays.StepsOfADoubling, magnitudes[2]);
    }

    /// <summary>Who is told to leave last comes back among all who left before.</summary>
    [Fact]
    public async Task NextRetryMilliseconds_HubDrains_IsSpreadOverAllWhoLeave()
    {
        var options = Small();
        options.Sse.AcceptRate = 1;
        options.GracePeriod = TimeSpan.FromMinutes(1);
        await using var harness = new HubHarness(options);
        var connections = new List<TestConnection>();
        for (var i = 0; i < 20; i++)
        {
            connections.Add((await harness.ConnectAsync(Request("a"))).Connection);
        }

        var stopping = harness.Hub.StopAsync(TestContext.Current.CancellationToken);
        var tooEarly = 0;
        for (var passed = TimeSpan.Zero; harness.Hub.Connections > 1; passed += DeliveryLoop.SliceEvery)
        {
            tooEarly += connections.Count(static connection => connection.Reason is not null) > passed.TotalSeconds ? 1 : 0; // One a second.
            harness.Clock.Advance(DeliveryLoop.SliceEvery);
            await Task.Yield();
        }

        var delays = Enumerable.Range(0, 1_000).Select(_ => harness.Hub.NextRetryMilliseconds()).ToArray();
        await harness.UntilAsync(
            () =>
            {
                harness.Clock.Advance(DeliveryLoop.SliceEvery);
                return stopping.IsCompleted;
            },
            "the hub to stop");

        await stopping;
        Assert.Equal((0, 0), (tooEarly, harness.Hub.Connections));
        Assert.InRange(delays.Max(), 19_000, 21_000);
    }
}
