using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Delivery.Polled;

namespace Spillway.Tests.Delivery;

/// <summary>Polls that follow one another, under whatever is published.</summary>
public sealed class PollPropertyTests : IDisposable
{
    private readonly LoopRig _rig = CreateRig();

    public void Dispose() => _rig.Dispose();

    /// <summary>Whatever is published between and during polls, and whatever their bounds: put together, their answers are the stream.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Polls_OneAfterTheOther_HoldEveryEventOnceAndInOrder(int seed)
    {
        var random = new Random(seed);
        var (published, got, after) = (new List<string>(), new List<string>(), 0L);
        Poll? poll = null;
        TestConnection? connection = null;
        for (var step = 0; step < 600 || got.Count < published.Count || connection is not null; step++)
        {
            if (step < 600 && random.Next(3) == 0)
            {
                for (var i = random.Next(1, 12); i > 0; i--)
                {
                    var topic = random.Next(4) switch { 0 => "other", 1 => "batched/a", 2 => "b", _ => "a" };
                    var payload = $"{step}-{i}".PadRight(random.Next(20) == 0 ? random.Next(3_000) : 5);
                    _rig.Publish(new PushEvent { Topic = topic, Payload = Encoding.UTF8.GetBytes(payload), Priority = random.Next(9) == 0 ? EventPriority.Critical : null });
                    if (topic != "other")
                    {
                        published.Add(payload);
                    }
                }
            }

            if (connection is null)
            {
                poll = Poll(events: random.Next(1, 30), bytes: random.Next(2_000), wait: random.Next(4));
                connection = _rig.Ask(Selectors.Of("a", "b", "batched/*"), poll, after, batch: random.Next(4) == 0 ? TimeSpan.FromMilliseconds(200) : null);
            }

            _rig.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
            _rig.Turn();
            if (connection.Reason is { } reason)
            {
                Assert.Equal(CloseReason.Answered, reason);
                Assert.Empty(Gaps(connection));
                got.AddRange(Payloads(connection));
                after = Offset(poll!);
                connection = null;
            }

            Assert.True(step < 20_000, "It does not come to an end.");
        }

        Assert.Equal(published, got);
        Assert.Equal(0, _rig.Loop.ExtraStates);
    }
}
