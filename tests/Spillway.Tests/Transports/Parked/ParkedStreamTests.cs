using System.Globalization;
using System.Net.Sockets;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Event streams whose sockets a loop writes to itself.</summary>
public sealed class ParkedStreamTests
{
    private static readonly SubscriptionRequest Topic = new(Selectors.Of("a"), WireFormat.SseRaw, Signals: true);

    [Theory]
    [SocketKinds]
    public async Task Publish_ParkedStream_GetsEachEventInAChunkOfItsOwn(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await rig.ParkAsync(Topic);

        rig.Hub.Publish("a", "one");
        rig.Hub.Publish("a", "two");
        var text = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("two", StringComparison.Ordinal) && text.EndsWith("\r\n", StringComparison.Ordinal));

        Assert.Equal(["data: one", "data: two"], Chunks(text).Select(static chunk => chunk.Split('\n')[1]));
    }

    [Theory]
    [SocketKinds]
    public async Task Publish_Http10_GetsNoChunks(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await rig.ParkAsync(Topic, isChunked: false);

        rig.Hub.Publish("a", "one");

        Assert.StartsWith("id: ", await ParkedRig.ReadUntilAsync(client, static text => text.EndsWith("data: one\n\n", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [SocketKinds]
    public async Task Stop_Stream_EndsWithTheLastChunkAndLingers(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await rig.ParkAsync(Topic);

        var stopping = rig.Hub.Hub.StopAsync(TestContext.Current.CancellationToken);
        var text = await ParkedRig.ReadToEndAsync(client);
        await ParkedRig.UntilAsync(
            () =>
            {
                rig.Hub.Clock.Advance(TimeSpan.FromMilliseconds(20)); // The hub looks again and again whether all have ended.
                return stopping.IsCompleted;
            },
            "the hub's end");
        await stopping;

        Assert.EndsWith("\r\n0\r\n\r\n", text, StringComparison.Ordinal);
        Assert.Contains("spillway-drain", text, StringComparison.Ordinal);
        Assert.Equal((0, 0), (rig.Transport.Count, rig.Hub.Hub.Connections));
    }

    [Theory]
    [SocketKinds("end")]
    [SocketKinds("end behind bytes")]
    [SocketKinds("reset")]
    public async Task Client_Leaves_IsForgottenAndItsDescriptorIsFree(SocketKind sockets, string how)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await rig.ParkAsync(Topic);

        if (how == "end behind bytes")
        {
            await client.SendAsync("GET / HTTP/1.1\r\n"u8.ToArray(), SocketFlags.None);
        }

        if (how == "reset")
        {
            client.LingerState = new LingerOption(true, 0);
            client.Close();
        }
        else
        {
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal("", await ParkedRig.ReadToEndAsync(client));
        }

        await ParkedRig.UntilAsync(() => rig.Hub.Hub.Connections == 0, "the end");
        Assert.Equal((0, 0, 1), (rig.Transport.Count, rig.Transport.LingeringCount, rig.ClosedFor(CloseReason.ClientClosed)));
    }

    [Theory]
    [SocketKinds]
    public async Task Client_ReadsLate_GetsEveryByteOnceAndInOrder(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, receiveBytes: 4_096);
        using var client = await rig.ParkAsync(Topic);
        const int Events = 500;
        for (var i = 0; i < Events; i++)
        {
            rig.Hub.Publish("a", string.Create(CultureInfo.InvariantCulture, $"{i} {new string((char)('a' + (i % 26)), 900 + (i % 300))}"));
        }

        await ParkedRig.UntilAsync(() => rig.Loop.Counters.FellBehind > 0, "a full socket");
        var text = await ParkedRig.ReadUntilAsync(client, static text => text.Contains($"data: {Events - 1} ", StringComparison.Ordinal) && text.EndsWith("\n\n\r\n", StringComparison.Ordinal));

        var data = Chunks(text).Where(static chunk => !chunk.Contains("event: spillway-", StringComparison.Ordinal)).Select(static chunk => chunk.Split('\n')[1]["data: ".Length..]).ToArray();
        Assert.Equal(Enumerable.Range(0, Events).Select(static i => $"{i} {new string((char)('a' + (i % 26)), 900 + (i % 300))}"), data);
    }

    [Theory]
    [SocketKinds]
    public async Task Client_SendsMoreThanIsIgnored_IsEndedAndCounted(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, static options => options.Transports.IgnoredBytes = 1_000);
        using var client = await rig.ParkAsync(Topic, early: new string('x', 600));

        await client.SendAsync(new byte[400], SocketFlags.None);
        rig.Hub.Publish("a", "still here");
        await ParkedRig.ReadUntilAsync(client, static text => text.Contains("still here", StringComparison.Ordinal));
        await client.SendAsync(new byte[1], SocketFlags.None);
        Assert.DoesNotContain("0\r\n\r\n", await ParkedRig.ReadToEndAsync(client), StringComparison.Ordinal);

        await ParkedRig.UntilAsync(() => rig.Hub.Hub.Connections == 0, "the end");
        Assert.Equal(1, rig.ClosedFor(CloseReason.ProtocolError));
        Assert.Equal(1, rig.Metrics.Sum("spillway.transports.client_faults", "talkative"));
    }

    [Theory]
    [SocketKinds]
    public async Task Client_DoesNotCloseBehindTheEnd_IsClosedWhenItsTimeIsOver(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await rig.ParkAsync(Topic);
        await rig.EndAsync(CloseReason.TopicsEnded);
        Assert.Equal("", await ParkedRig.ReadToEndAsync(client));
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 1, "lingering");

        rig.Hub.Clock.Advance(TimeSpan.FromSeconds(5));

        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the end of lingering");
        Assert.Equal((1, 0), (rig.Metrics.Sum("spillway.transports.forced_ends", "late"), rig.Metrics.Sum("spillway.transports.client_faults")));
    }

    /// <summary>All that it sent, and its end, have been announced when its connection ends.</summary>
    [Theory]
    [SocketKinds]
    public async Task Client_HasSentMuchAndItsEndBeforeTheHubEnds_LingersNoLongerThanReadingTakes(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        var (client, descriptor) = await rig.ConnectAsync();
        using var one = client;
        await client.SendAsync(new byte[60_000], SocketFlags.None);
        client.Shutdown(SocketShutdown.Send);
        var adopter = rig.Transport.Prepare(await rig.SubscribeAsync(Topic), isChunked: true, null);

        adopter.Adopt(descriptor, new byte[rig.Hub.Options.Transports.IgnoredBytes + 1]); // It ends for these; what is in the kernel is still unread.

        await ParkedRig.UntilAsync(() => rig.ClosedFor(CloseReason.ProtocolError) == 1, "its end");
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the end of lingering, while the clock stands still");
    }

    [Theory]
    [SocketKinds]
    public async Task Gone_BeforeTheLoopHasIt_GivesBackWhatWasHeld(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        var adopter = rig.Transport.Prepare(await rig.SubscribeAsync(Topic), isChunked: true, null);

        adopter.Gone(CloseReason.ClientClosed);

        Assert.Equal((0, 0), (rig.Hub.Hub.Connections, rig.Hub.Hub.Dispatcher.ConnectionsOf(WireFormat.SseRawChunked)));
    }

    /// <summary>Each format in use costs an encoding of every event.</summary>
    [Theory]
    [SocketKinds]
    public async Task Subscribe_InTheFormatThatItIsParkedIn_NoOtherIsInUse(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        var subscription = await rig.SubscribeAsync(Topic with { Format = WireFormat.SseRawChunked });
        Assert.Equal((0, 1), InUse());

        rig.Transport.Prepare(subscription, isChunked: true, null).Gone(CloseReason.ClientClosed);
        subscription.Dispose();

        Assert.Equal((0, 0), InUse());

        (int Plain, int Chunked) InUse() => (rig.Hub.Hub.Dispatcher.ConnectionsOf(WireFormat.SseRaw), rig.Hub.Hub.Dispatcher.ConnectionsOf(WireFormat.SseRawChunked));
    }

    [Theory]
    [SocketKinds]
    public async Task Run_InThePlainFormatAfterAll_TheChunkedOneIsNotInUse(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var subscription = await rig.SubscribeAsync(Topic with { Format = WireFormat.SseRawChunked });
        var pipe = new System.IO.Pipelines.Pipe();

        var running = subscription.RunAsync(pipe.Writer, TestContext.Current.CancellationToken);
        rig.Hub.Publish("a", "one");
        var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);

        Assert.EndsWith("data: one\n\n", System.Text.Encoding.UTF8.GetString(System.Buffers.BuffersExtensions.ToArray(read.Buffer)), StringComparison.Ordinal);
        Assert.Equal((1, 0), (rig.Hub.Hub.Dispatcher.ConnectionsOf(WireFormat.SseRaw), rig.Hub.Hub.Dispatcher.ConnectionsOf(WireFormat.SseRawChunked)));
        await rig.EndAsync(CloseReason.TopicsEnded);
        Assert.Equal(CloseReason.TopicsEnded, await running);
        subscription.Dispose();
        Assert.Equal(0, rig.Hub.Hub.Dispatcher.ConnectionsOf(WireFormat.SseRaw));
    }

    [Theory]
    [SocketKinds]
    public async Task Adopt_LoopHasStopped_ClosesTheSocket(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        var (client, descriptor) = await rig.ConnectAsync();
        var adopter = rig.Transport.Prepare(await rig.SubscribeAsync(Topic), isChunked: true, null);
        await rig.Hub.Hub.StopAsync(new CancellationToken(canceled: true));

        adopter.Adopt(descriptor, []);

        Assert.Equal("", await ParkedRig.ReadToEndAsync(client));
        Assert.Equal((0, 1), (rig.Hub.Hub.Connections, rig.ClosedFor(CloseReason.Shutdown)));
        client.Dispose();
    }

    /// <summary>The chunks of a body, checked.</summary>
    private static List<string> Chunks(string text)
    {
        List<string> chunks = [];
        while (text.Length > 0)
        {
            var end = text.IndexOf("\r\n", StringComparison.Ordinal);
            var length = int.Parse(text[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            chunks.Add(text.Substring(end + 2, length));
            Assert.Equal("\r\n", text.Substring(end + 2 + length, 2));
            text = text[(end + length + 4)..];
        }

        return chunks;
    }
}
