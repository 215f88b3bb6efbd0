using Spillway.Events;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>What a tenant learns of others by cursors where they are sealed: nothing. And what they are for: all of it.</summary>
public sealed class SealedCursorTests
{
    [Fact]
    public void Streams_OthersPublishOrDoNot_AreTheSameButForTextsThatNobodyCanCompare()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            using var alone = new SealedRun(seed, withOthers: false);
            using var among = new SealedRun(seed, withOthers: true);

            Assert.Equal(alone.Streams, among.Streams);
            foreach (var run in (SealedRun[])[alone, among])
            {
                var ids = run.Ids.Select(static one => Assert.Single(one.Distinct())).ToList(); // To everybody, whenever it came.
                Assert.Equal(ids.Count + run.Places.Count, ids.Concat(run.Places).Distinct().Count());
                Assert.All(run.Payloads, static one => Assert.Equal(one.Due, one.Got));
                Assert.NotEmpty(run.Places);
            }
        }
    }

    [Fact]
    public async Task Subscribe_PlainCursorOrOneOfAnotherKey_IsOfAnotherHistoryWhereverItPoints()
    {
        using var cursors = new SealedCursors(CursorKeyFile.Make());
        using var others = new SealedCursors(CursorKeyFile.Make());
        await using var harness = new HubHarness(SmallHub.Small(), cursors: cursors);
        for (var i = 0; i < 10; i++)
        {
            SmallHub.Publish(harness, "a", "x");
        }

        var (epoch, head) = (harness.History.Epoch, harness.History.Head);
        foreach (var place in (Position[])[new(epoch, 0), new(epoch, head - 1), new(epoch, head), new(epoch, head + 1_000), new(epoch - 1, head), new(0, 0)])
        {
            foreach (var text in (string[])[place.ToString(), others.TextOf(place)])
            {
                var (subscription, connection) = await harness.ConnectAsync(SmallHub.Request("a") with { Start = StartKind.Cursor, Cursor = text });
                await harness.UntilAsync(() => connection.HasLast("data: x\n\n"u8), "events");
                var gap = SseReader.Parse(connection.Bytes)[0];

                Assert.Equal((harness.History.Tail, "spillway-gap"), (subscription.Resume.Offset, gap.Type));
                Assert.Contains($"\"from\":\"{text}\"", gap.Data, StringComparison.Ordinal);
                Assert.Contains("\"lost\"", gap.Data, StringComparison.Ordinal);
                connection.Drop();
            }
        }
    }

    [Fact]
    public async Task Reader_OfTheHost_TakesItsOwnCursorsThoseOfSubscribersAndPlainOnes()
    {
        using var cursors = new SealedCursors(CursorKeyFile.Make());
        await using var harness = new HubHarness(SmallHub.Small(), cursors: cursors);
        var first = new Position(harness.History.Epoch, SmallHub.Publish(harness, "a", "1"));
        SmallHub.Publish(harness, "a", "2");
        var reader = new EventReader(harness.History, harness.Hub.Published, harness.Clock, cursors);

        var all = await ReadAsync(reader, ReadStart.Earliest);

        Assert.Equal([first, first with { Offset = first.Offset + 1 }], all.Select(one => cursors.Read(one.Cursor)));
        foreach (var text in (string[])[all[0].Cursor, cursors.TextOf(first), first.ToString()])
        {
            Assert.Equal(all[1].Cursor, Assert.Single(await ReadAsync(reader, ReadStart.After(text))).Cursor);
        }
    }

    private static async Task<List<ReadEvent>> ReadAsync(EventReader reader, ReadStart start)
    {
        var read = new List<ReadEvent>();
        await foreach (var one in reader.ReadAsync(new ReadOptions { Patterns = ["**"], Start = start }, TestContext.Current.CancellationToken))
        {
            read.Add(one);
        }

        return read;
    }
}
