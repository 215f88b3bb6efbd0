using Spillway.Client;
using Spillway.Client.Http;

namespace Spillway.Tests.Client;

public sealed class BackoffTests
{
    [Fact]
    public void Delay_AnyFailureAndFloor_IsBetweenTheFloorAndTheDoublingRange()
    {
        foreach (var random in (double[])[0, 0.5, 0.999999])
        {
            var options = new SpillwayClientOptions { NextRandom = () => random, MaxRetryDelay = TimeSpan.FromSeconds(30) };
            foreach (var floor in (double[])[0, 2.5, 100])
            {
                for (var failures = 1; failures < 100; failures++)
                {
                    var delay = Backoff.Delay(options, failures, TimeSpan.FromSeconds(floor)).TotalSeconds;

                    var range = Math.Min(Math.Pow(2, failures - 1), 30);
                    Assert.Equal(floor + (range * random), delay, tolerance: 0.001);
                }
            }
        }
    }

    [Fact]
    public void Delay_HubNamedATimeAndNothingFailed_IsThatTime()
    {
        var delay = Backoff.Delay(new SpillwayClientOptions(), failures: 0, floor: TimeSpan.FromSeconds(3.1));

        Assert.Equal(TimeSpan.FromSeconds(3.1), delay);
    }

    [Fact]
    public void Delay_NobodyNamedATime_IsRandomFromZero()
    {
        Assert.Equal(TimeSpan.Zero, Backoff.Delay(new SpillwayClientOptions { NextRandom = () => 0 }, failures: 0, floor: TimeSpan.Zero));
    }

    [Fact]
    public void Delay_HubAsksForMoreThanTheLimit_IsCutToIt()
    {
        var options = new SpillwayClientOptions { MaxServerDelay = TimeSpan.FromMinutes(1) };

        Assert.Equal(TimeSpan.FromMinutes(1), Backoff.Delay(options, failures: 0, floor: TimeSpan.FromDays(300)));
    }
}
