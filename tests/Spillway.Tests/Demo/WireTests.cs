using System.Text;
using Spillway.Cli.Demo;
using Spillway.Client;

namespace Spillway.Tests.Demo;

public sealed class WireTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
    private static readonly Sensor Sensor = Plant.Place(1)[0];

    [Fact]
    public void Write_Reading_ReadsBackItsNumber()
    {
        var written = Wire.Write(Sensor, new Reading(0, "0000000a", 41, 71.5, Start));

        Assert.True(Wire.TryReadNumber(Receive(written.Text), out var run, out var sequence));
        Assert.Equal(("0000000a", 41), (run, sequence));
    }

    [Fact]
    public void Write_Alert_IsCriticalAndReadsBackWhileItStands()
    {
        var raised = Wire.Write(Sensor, new Alert(0, true, 92, 93.5, Start, Start, "0000000a", 41));
        var cleared = Wire.Write(Sensor, new Alert(0, false, 84, 93.5, Start, Start.AddSeconds(9), "0000000a", 59));

        Assert.Equal((OutgoingPriority.Critical, "alerts/north", "press-1/temperature"), (raised.Priority, raised.Topic, raised.Key));
        Assert.NotEqual(raised.Id, cleared.Id);
        Assert.True(Wire.TryReadStanding(Receive(raised.Text), out var since, out var peak));
        Assert.Equal((Start, 93.5), (since, peak));
        Assert.False(Wire.TryReadStanding(Receive(cleared.Text), out _, out _));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"run":5,"seq":5,"state":5}""")]
    [InlineData("""{"run":"0000000a","seq":"5","state":"raised","since":"never","peak":9}""")]
    [InlineData("""{"run":"0000000a","seq":1e400,"state":"raised","since":"2026-01-31T08:00:00Z","peak":"9"}""")]
    [InlineData("""{"run":"0000000a","seq":0,"state":"raised"}""")]
    [InlineData("""{"run":"0000000a","seq":9007199254740991}""")]
    [InlineData("""{"run":"<script>","seq":5}""")]
    public void TryRead_WhatAVisitorMayPublish_IsNotTaken(string payload)
    {
        Assert.False(Wire.TryReadNumber(Receive(payload), out _, out _));
        Assert.False(Wire.TryReadStanding(Receive(payload), out _, out _));
    }

    private static ReceivedEvent Receive(string payload) => new("1-a") { Topic = Sensor.Topic, Payload = Encoding.UTF8.GetBytes(payload) };
}
