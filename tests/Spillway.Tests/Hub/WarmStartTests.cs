using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.TestKit;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>A hub that starts on a history of which something is missing: its window begins behind that, and subscribers are told.</summary>
public sealed class WarmStartTests : IDisposable
{
    private const int Events = 20;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");

    private string Segment => Assert.Single(_directory.GetFiles("*.segment")).FullName;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Subscribe_BeforeDamage_IsToldTheGapWhereItIs(int after)
    {
        var epoch = await FillAsync();
        Damage("number 8");
        await using var harness = Open();
        Assert.Equal(epoch, harness.History.Epoch);

        var (_, connection) = await harness.ConnectAsync(Request("a") with { Start = StartKind.Cursor, Cursor = new Position(epoch, after).ToString() });
        await harness.UntilAsync(() => connection.Payloads().Length >= Events - 1 - after, "what is left");

        Assert.Equal([.. Numbers(after + 1, 7), "gap corrupt 7-8 ?", .. Numbers(9, Events)], connection.Received());
    }

    [Fact]
    public async Task Subscribe_BehindDamage_IsServedFromTheWindow()
    {
        var epoch = await FillAsync();
        Damage("number 8");
        await using var harness = Open();

        Assert.Equal(8, harness.Hub.Window.BirthOffset);
        var (_, connection) = await harness.ConnectAsync(Request("a") with { Start = StartKind.Cursor, Cursor = new Position(epoch, 8).ToString() });
        await harness.UntilAsync(() => connection.Payloads().Length >= Events - 8, "what is left");

        Assert.Equal(Numbers(9, Events), connection.Received());
        Assert.Equal(0, harness.Hub.Replayer.PagesRead);
    }

    [Fact]
    public async Task Subscribe_WhatWasSeenIsLost_IsToldTheGap()
    {
        var epoch = await FillAsync();
        using (var file = File.OpenWrite(Segment))
        {
            file.SetLength(file.Length - 5); // The stop was clean, so this was there.
        }

        await using var harness = Open();
        var lost = harness.History.Head;
        var (_, connection) = await harness.ConnectAsync(Request("a") with { Start = StartKind.Cursor, Cursor = new Position(epoch, Events - 2).ToString() });
        Publish(harness, "a", "new");
        await harness.UntilAsync(() => connection.Payloads().Length >= 2, "what is left, and the new event");

        Assert.Equal([$"number {Events - 1}", $"gap corrupt {Events - 1}-{lost} ?", "new"], connection.Received());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static IEnumerable<string> Numbers(int from, int to) => Enumerable.Range(from, to - from + 1).Select(static i => $"number {i}");

    private HubHarness Open() => new(Small(), store: DirectoryStore.Open(_directory.FullName, NullLogger.Instance));

    /// <summary>Publishes to a hub that is stopped then.</summary>
    private async Task<ulong> FillAsync()
    {
        await using var harness = Open();
        for (var i = 1; i <= Events; i++)
        {
            Publish(harness, "a", $"number {i}");
        }

        return harness.History.Epoch;
    }

    private void Damage(string payload)
    {
        var bytes = File.ReadAllBytes(Segment);
        bytes[bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(payload))] ^= 1;
        File.WriteAllBytes(Segment, bytes);
    }
}
