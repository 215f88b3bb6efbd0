using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>Random frames in random pieces against a whole hub, beside a model of the RFC. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs many more.</summary>
public sealed class FrameFuzzTests
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";

    [Theory]
    [InlineData(false, HostSockets.Kestrel, 1_000, 30_000)]
    [InlineData(false, HostSockets.Native, 1_000, 30_000)]
    [InlineData(false, HostSockets.Managed, 1_000, 30_000)]
    [InlineData(true, HostSockets.Kestrel, 100, 2_000)]
    public async Task Frames_Random_AreAnsweredAsTheModelSaysAndDisturbNobody(bool http2, HostSockets sockets, int seeds, int allSeeds)
    {
        await using var server = await PatientHub.StartAsync(
            static options =>
            {
                options.WebSocket.MessageBytes = FaultCases.MessageBytes;
                options.WebSocket.MessageFragments = FaultCases.Fragments;
                options.WebSocket.MessagesPerSecond = 10_000;
            },
            sockets);
        using var sibling = await WireSocket.OpenAsync(server);
        var ends = new Dictionary<string, int>();
        for (var seed = 0; seed < (All ? allSeeds : seeds); seed++)
        {
            var end = await RunAsync(server, http2, seed);
            ends[end] = ends.GetValueOrDefault(end) + 1;
            if (seed % 50 == 0)
            {
                await server.PublishAsync("a", $"{seed}");
                Assert.Equal($"{seed}", (await sibling.ReadJsonAsync()).GetProperty("payload").GetString());
            }
        }

        Assert.All(["close 1000", "close 1002", "close 1007", "close 1009", "goes on"], end => Assert.True(ends.GetValueOrDefault(end) > 0, $"None ended so: {end}."));
        await server.WaitForConnectionsAsync(1);
    }

    private static async Task<string> RunAsync(HubServer server, bool http2, int seed)
    {
        var random = new Random(seed);
        var bytes = RandomFrames.Next(random, FaultCases.MessageBytes);
        var meant = FrameModel.Read(bytes, FaultCases.MessageBytes, FaultCases.Fragments);
        var expected = FrameAnswers.Expected(meant);
        using var socket = await WireSocket.OpenAsync(server, http2, "topic=z");
        var sending = SendAsync(socket, RandomFrames.Cut(random, bytes));
        var found = new List<string>();
        while (found.Count < expected.Count && await socket.TryReadAsync() is { } frame)
        {
            found.Add(FrameAnswers.Describe(frame));
        }

        await sending;
        Assert.True(expected.SequenceEqual(found), $"Seed {seed}:\n{Convert.ToHexString(bytes)}\n{string.Join('\n', expected)}\nbut\n{string.Join('\n', found)}");
        if (meant is [.., var last] && last[0] is 'c' or 'f')
        {
            await socket.SendAsync(ClientFrame.CloseWith(1000)); // Only one that was faulty is still heard.
            Assert.Null(await socket.TryReadAsync());
            return expected[^1];
        }

        socket.Reset();
        return "goes on";
    }

    private static async Task SendAsync(WireSocket socket, IEnumerable<byte[]> pieces)
    {
        foreach (var piece in pieces)
        {
            await socket.SendAsync(piece);
        }
    }
}
