using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

public sealed class WindowTests
{
    [Fact]
    public void BeginAppend_MoreEventsThanSlots_KeepsTheNewestButForTheMargin()
    {
        using var rig = new WindowRig(events: 32);

        for (var i = 1; i <= 100; i++)
        {
            rig.Append($"{i}");
        }

        Assert.Equal(100, rig.Window.Head);
        Assert.Equal(32 - 1 - (32 / 16), 100 - rig.Window.Tail + 1); // One header is kept before the oldest, and a sixteenth is kept free.
        Assert.Equal(rig.Window.Tail - 1, rig.Window.Evicted);
        Assert.All(Enumerable.Range((int)rig.Window.Tail, 29), slot => Assert.Equal($"{slot}", rig.Record(slot)));
    }

    [Fact]
    public void BeginAppend_EventsWithManyLinks_LeaveByTheirLinks()
    {
        using var rig = new WindowRig(events: 16); // 64 links
        var strands = Enumerable.Range(0, 20).Select(i => rig.Strand($"s{i}")).ToArray();

        for (var i = 1; i <= 10; i++)
        {
            rig.Append($"{i}", strands);
            Assert.Equal(strands, rig.Window.Links(rig.Window.Header(i)).ToArray().Select(static link => link.Strand));
        }

        Assert.InRange(rig.Window.Head - rig.Window.Tail + 1, 1, 3);
    }

    [Fact]
    public void BeginAppend_LargeEvents_LeaveByTheirBytes()
    {
        using var rig = new WindowRig(events: 1024, bytes: 64 * 1024);

        for (var i = 0; i < 100; i++)
        {
            var slot = rig.Append(Enumerable.Repeat((byte)i, 10_000).ToArray(), encoded: Enumerable.Repeat((byte)~i, 14_000).ToArray());
            Assert.True(rig.Window.TryGetEncoded(slot, WireFormat.SseRaw, out var encoded));
            Assert.True(encoded.IndexOfAnyExcept((byte)~i) < 0);
        }

        Assert.InRange(rig.Window.Head - rig.Window.Tail + 1, 1, 4); // 4 × 14,000 and the margin fill 64 KiB.
        for (var slot = rig.Window.Tail; slot <= rig.Window.Head; slot++)
        {
            Assert.True(rig.Window.Record(slot).IndexOfAnyExcept((byte)(slot - 1)) < 0);
        }
    }

    [Fact]
    public void BeginAppend_BatchLargerThanTheWindow_ShowsItsFirstPartBeforeItGoes()
    {
        using var rig = new WindowRig(events: 16);

        for (var i = 1; i <= 40; i++)
        {
            rig.Append([1], publish: false);
            Assert.True(rig.Window.Tail <= rig.Window.Head + 1);
        }

        Assert.True(rig.Window.Head >= rig.Window.Tail - 1 && rig.Window.Head > 0);
    }

    [Fact]
    public async Task BeginAppend_OldestIsPinned_WaitsForTheReaderAndForNobodyElse()
    {
        using var rig = new WindowRig(events: 16);
        for (var i = 1; i <= 15; i++)
        {
            rig.Append($"{i}");
        }

        var tail = rig.Pins.Pin(0, rig.Window);
        var appended = 15;
        var appender = Task.Run(
            () =>
            {
                for (var i = 16; i <= 60; i++)
                {
                    rig.Append($"{i}");
                    Volatile.Write(ref appended, i);
                }
            },
            TestContext.Current.CancellationToken);
        // It raises the tail for the event whose slot is pinned, then stands still: what the reader holds is not overwritten.
        Assert.True(SpinWait.SpinUntil(() => rig.Window.Tail > tail, TimeSpan.FromSeconds(20)));
        Assert.False(appender.IsCompleted);
        Assert.InRange(Volatile.Read(ref appended), 15, tail + 15);
        Assert.Equal($"{tail}", rig.Record(tail));

        rig.Pins.Release(0);
        await appender.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(60, rig.Window.Head);
    }

    [Fact]
    public void Pin_EmptiedWindow_KeepsTheHeadersOffset()
    {
        using var rig = new WindowRig(events: 16, bytes: 64 * 1024);
        rig.Append("first");
        rig.Append(new byte[16_000]);
        rig.Append(new byte[60_000], publish: false); // Empties the window: its head is the slot before the tail.
        Assert.Equal((3L, 2L), (rig.Window.Tail, rig.Window.Head));

        var head = rig.Window.Head;
        rig.Pins.Pin(0, rig.Window);
        for (var i = 0; i < 13; i++)
        {
            rig.Append([1]);
        }

        Assert.Equal(2, rig.Window.OffsetAt(head));
    }

    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(1, false, 3)] // Behind the ephemeral events that follow it.
    [InlineData(1, true, 1)] // Before them.
    [InlineData(2, false, 4)]
    [InlineData(3, true, 5)]
    [InlineData(99, false, 6)] // Ahead of the head: behind everything.
    public void TryFindSlot_OffsetInTheWindow_FindsTheLastSlotNotBehindIt(long offset, bool beforeEphemeral, long expected)
    {
        using var rig = new WindowRig();
        foreach (var ephemeral in new[] { false, true, true, false, false, true })
        {
            rig.Append([1], ephemeral: ephemeral); // Offsets 1 1 1 2 3 3.
        }

        var found = rig.Window.TryFindSlot(offset, beforeEphemeral, rig.Window.Tail, rig.Window.Head, out var slot);

        Assert.True(found);
        Assert.Equal(expected, slot);
    }

    [Fact]
    public void TryFindSlot_OffsetLeftTheWindow_IsNotFound()
    {
        using var rig = new WindowRig(events: 16);
        for (var i = 0; i < 40; i++)
        {
            rig.Append([1]);
        }

        var (tail, head) = (rig.Window.Tail, rig.Window.Head);

        Assert.False(rig.Window.TryFindSlot(tail - 2, beforeEphemeral: false, tail, head, out _));
        Assert.True(rig.Window.TryFindSlot(tail, beforeEphemeral: false, tail, head, out var slot));
        Assert.Equal(tail, slot);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void BeginAppend_RandomEvents_WhatIsKeptIsWhatWasWritten(int seed)
    {
        var random = new Random(seed);
        using var rig = new WindowRig(events: 64, bytes: 64 * 1024);
        var strands = Enumerable.Range(0, 12).Select(i => rig.Strand($"s{i}")).ToArray();
        Array.ForEach(strands, strand => rig.Strands.AddReference(strand, 0));
        var model = new List<(byte[] Record, byte[]? Encoded, int[] Strands)> { ([], null, []) };

        for (var i = 0; i < 3_000; i++)
        {
            var record = new byte[random.Next(random.Next(20) == 0 ? 16_000 : 600)];
            random.NextBytes(record);
            byte[]? encoded = random.Next(3) == 0 ? null : [.. record, .. "\n\n"u8];
            var linked = strands.Where(_ => random.Next(4) == 0).ToArray();
            model.Add((record, encoded, linked));
            rig.Append(record, encoded, linked, publish: random.Next(3) == 0);
            Check(rig.Window, model, random);
        }
    }

    private static void Check(Window window, List<(byte[] Record, byte[]? Encoded, int[] Strands)> model, Random random)
    {
        Assert.InRange(window.Tail, 1, window.Head + 1);
        for (var i = 0; i < 4 && window.Tail <= window.Head; i++)
        {
            var slot = random.NextInt64(window.Tail, window.Head + 1);
            var (record, encoded, strands) = model[(int)slot];
            Assert.True(window.Record(slot).SequenceEqual(record));
            Assert.Equal(encoded is not null, window.TryGetEncoded(slot, WireFormat.SseRaw, out var bytes));
            Assert.True(bytes.SequenceEqual(encoded));
            Assert.Equal(slot, window.OffsetAt(slot));
            Assert.Equal(strands, window.Links(window.Header(slot)).ToArray().Select(static link => link.Strand));
        }
    }
}
