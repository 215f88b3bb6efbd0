using Spillway.Delivery;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Tests.History;

namespace Spillway.Tests.Hub;

/// <summary>A snapshot of a history with damage.</summary>
public sealed class SnapshotDamageTests : IDisposable
{
    private readonly SealedRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Subscribe_NewestOfATopicIsDamaged_TellsItBetweenTheValues()
    {
        _rig.Fill(events: 41, payload: 50);
        SealedRig.Damage(_rig.Segments[3], record: 7); // Offset 38, the newest of t/3.
        await using var harness = new HubHarness(new SpillwayOptions(), limits: HistoryRig.Unlimited, store: DirectoryStore.Open(_rig.Path, _rig.Logs.CreateLogger("History")));

        var (_, connection) = await harness.ConnectAsync(new SubscriptionRequest(Selectors.Of("t/*"), WireFormat.SseRaw, Signals: true) { Start = StartKind.Snapshot });
        await harness.UntilAsync(() => connection.Payloads().Length == 5, "the snapshot");

        Assert.Equal([false, false, true, false, false, false], connection.Received().Select(static text => text.StartsWith("gap", StringComparison.Ordinal)));
        Assert.Equal("gap corrupt 37-38 ?", connection.Received()[2]);
        Assert.Equal(0, harness.Hub.Replayer.SnapshotsCut);
    }
}
