using System.Globalization;
using Spillway.TestKit;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

/// <summary>The reader of frames beside a model of the RFC. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs 9.6 million cases.</summary>
/// <remarks>SPILLWAY_TEST_SEED=n runs the one stretch of bytes of a seed.</remarks>
public sealed class FrameFuzzTests
{
    private const int MaxMessage = 500;
    private const int MaxFragments = 6;

    private const int CutsOfEach = 6; // The bytes and what they mean cost more than reading them once more in other pieces.

    private static readonly int? Only = int.TryParse(Environment.GetEnvironmentVariable("SPILLWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;
    private static readonly int Seeds = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 1_600_000 : 20_000;

    [Fact]
    public void Read_RandomFramesInRandomPieces_MeansWhatTheModelSays()
    {
        var kinds = new Dictionary<string, int>();
        var (first, last) = Only is { } one ? (one, one) : (0, Seeds - 1);
        for (var seed = first; seed <= last; seed++)
        {
            var random = new Random(seed);
            var bytes = RandomFrames.Next(random, MaxMessage);
            var expected = FrameModel.Read(bytes, MaxMessage, MaxFragments);
            for (var cuts = 0; cuts < CutsOfEach; cuts++)
            {
                var reader = new FrameReader(MaxMessage, MaxFragments);
                var found = FrameModel.ReadPieces(reader, bytes, random);

                if (!expected.SequenceEqual(found))
                {
                    Assert.Fail($"Seed {seed}:\n{Convert.ToHexString(bytes)}\n{string.Join('\n', expected)}\nbut\n{string.Join('\n', found)}");
                }

                Assert.True(reader.HeldBytes <= MaxMessage + Frames.MaxControl, $"Seed {seed} holds {reader.HeldBytes} bytes.");
            }

            foreach (var kind in expected.Select(static one => one.StartsWith('m') || one.StartsWith('p') ? one.Split(' ')[0] : one))
            {
                kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            }
        }

        if (Only is not null)
        {
            return;
        }

        Assert.All(["message", "ping", "pong", "close 1000", "close 1001", "fault 1002", "fault 1003", "fault 1007", "fault 1009"], kind => Assert.True(kinds.GetValueOrDefault(kind) > 5, $"Too little was tried of: {kind}."));
    }

    [Fact]
    public void Read_AllHeadsOfTwoBytes_MeanWhatTheModelSays()
    {
        for (var head = 0; head <= ushort.MaxValue; head++)
        {
            foreach (var isWithin in (bool[])[false, true])
            {
                byte[] bytes = [.. isWithin ? ClientFrame.Of(ClientFrame.Text, "{"u8, final: false) : [], (byte)(head >> 8), (byte)head, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x88, 0x80, 0, 0, 0, 0];
                var expected = FrameModel.Read(bytes, MaxMessage, MaxFragments);
                var found = FrameModel.ReadPieces(new FrameReader(MaxMessage, MaxFragments), bytes);
                Assert.True(expected.SequenceEqual(found), $"{Convert.ToHexString(bytes)}: {string.Join(' ', expected)}, not {string.Join(' ', found)}.");
            }
        }
    }
}
