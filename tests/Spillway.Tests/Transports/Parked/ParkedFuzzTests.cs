using System.Net.Sockets;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>
/// Random frames, some of them sent with the request, in random pieces to a loop that shares one reader among all that say nothing: what each client is answered is what the model of the RFC says, wherever
/// the cuts are. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs 500,000.
/// </summary>
public sealed class ParkedFuzzTests
{
    private const int MaxMessage = 500;
    private const int MaxFragments = 6;
    private const int AtOnce = 8; // They take turns with each other's halves of frames.
    private const int OfOneHub = 25_000; // Its log keeps every line.

    private static readonly SubscriptionRequest Topic = new(Selectors.Of("a"), WireFormat.WebSocketJson, Signals: true);
    private static readonly int Seeds = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 500_000 : 4_000;

    [Theory]
    [SocketKinds]
    public async Task Frames_RandomInRandomPieces_AreAnsweredAsTheModelSays(SocketKind sockets)
    {
        var ends = new Dictionary<string, int>();
        for (var first = 0; first < Seeds; first += OfOneHub)
        {
            await using var rig = new ParkedRig(sockets, static options =>
            {
                (options.WebSocket.MessageBytes, options.WebSocket.MessageFragments, options.WebSocket.MessagesPerSecond) = (MaxMessage, MaxFragments, 10_000);
            });
            for (var seed = first; seed < Math.Min(Seeds, first + OfOneHub); seed += AtOnce)
            {
                var running = new List<Task<string>>();
                for (var i = 0; i < AtOnce; i++)
                {
                    running.Add(await BeginAsync(rig, seed + i));
                }

                foreach (var end in await Task.WhenAll(running))
                {
                    ends[end] = ends.GetValueOrDefault(end) + 1;
                }
            }

            await ParkedRig.UntilAsync(() => (rig.Hub.Hub.Connections, rig.Transport.Count, rig.Transport.LingeringCount, rig.Transport.DialogueCount) == (0, 0, 0, 0), "everybody's end");
        }

        Assert.All(["close 1000", "close 1002", "close 1007", "close 1009", "goes on"], end => Assert.True(ends.GetValueOrDefault(end) > 0, $"None ended so: {end}."));
    }

    private static async Task<Task<string>> BeginAsync(ParkedRig rig, int seed)
    {
        var random = new Random(seed);
        var bytes = RandomFrames.Next(random, MaxMessage);
        var early = random.Next(3) == 0 ? 0 : random.Next(bytes.Length + 1);
        var (client, descriptor) = await rig.ConnectAsync();
        rig.Transport.Prepare(await rig.SubscribeAsync(Topic), isChunked: false, new ParkedWebSocket(null)).Adopt(descriptor, bytes[..early]);
        return Task.Run(() => RunAsync(client, seed, random, bytes, early), TestContext.Current.CancellationToken);
    }

    private static async Task<string> RunAsync(Socket client, int seed, Random random, byte[] bytes, int early)
    {
        using var _ = client;
        var meant = FrameModel.Read(bytes, MaxMessage, MaxFragments);
        var expected = FrameAnswers.Expected(meant);
        var answers = new AnswerReader(client);
        var sending = SendAsync(client, RandomFrames.Cut(random, bytes[early..]));
        var found = new List<string>();
        while (found.Count < expected.Count && await answers.TryReadAsync() is { } answer)
        {
            found.Add(answer);
        }

        await sending;
        Assert.True(expected.SequenceEqual(found), $"Seed {seed}, {early} bytes early:\n{Convert.ToHexString(bytes)}\n{string.Join('\n', expected)}\nbut\n{string.Join('\n', found)}");
        var isOver = meant is [.., var last] && last[0] is 'c' or 'f';
        if (!isOver && random.Next(2) == 0)
        {
            client.LingerState = new LingerOption(true, 0);
            return "goes on";
        }

        if (!isOver)
        {
            client.Shutdown(SocketShutdown.Send); // In the midst of a frame, perhaps.
        }

        Assert.Null(await answers.TryReadAsync()); // Nothing more than was due.
        return isOver ? expected[^1] : "goes on";
    }

    /// <summary>Sends; what it cannot because the hub has closed is no fault.</summary>
    private static async Task SendAsync(Socket client, IEnumerable<byte[]> pieces)
    {
        try
        {
            foreach (var piece in pieces)
            {
                await client.SendAsync(piece, TestContext.Current.CancellationToken);
            }
        }
        catch (SocketException)
        {
            // What it read says whether that was right.
        }
    }
}
