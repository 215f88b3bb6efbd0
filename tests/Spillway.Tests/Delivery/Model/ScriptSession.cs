using System.Globalization;
using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>One connection of a script's subscriber, and what came over it.</summary>
internal sealed class ScriptSession(TestConnection connection, IReadOnlyList<ModelEvent> events, long after)
{
    private readonly SseReader _reader = new();
    private int _read;

    public TestConnection Connection => connection;

    /// <summary>Events published before it began.</summary>
    public int Join { get; } = events.Count;

    /// <summary>The offset behind which it began.</summary>
    public long After => after;

    /// <summary>Whether it may be slow: it was held up, and was not seen with everything since.</summary>
    public bool MaybeSlow { get; set; }

    public List<ModelEvent> Received { get; } = [];

    public List<ToldGap> Gaps { get; } = [];

    public int SlowTold { get; private set; }

    /// <summary>Where its subscriber would go on.</summary>
    public long Cursor => Position.TryParse(_reader.LastEventId, out var position) ? position.Offset : after;

    public bool IsHeldUp => connection.Stalled || connection.Room < int.MaxValue;

    /// <summary>What is expected of it for certain; of ephemeral events from before it began nobody promises anything.</summary>
    public bool Expects(ModelEvent source) => source.Index >= Join || (source.IsRecorded && source.Offset > after);

    public void Read(long tail)
    {
        var bytes = connection.BytesFrom(_read);
        _read += bytes.Length;
        foreach (var item in _reader.Feed(bytes))
        {
            switch (item.Type)
            {
                case "spillway-gap":
                    Gaps.Add(ReadGap(item.Data, tail));
                    break;
                case "spillway-slow":
                    Assert.True(MaybeSlow, "A connection that had everything was told that it is slow.");
                    SlowTold++;
                    break;
                case var type when type.StartsWith("spillway-", StringComparison.Ordinal):
                    break;
                default:
                    Received.Add(Identify(item));
                    break;
            }
        }
    }

    /// <summary>Whether its end, if it ended by itself, is one that the script allows.</summary>
    public void JudgeEnd(bool mayDisconnect)
    {
        var isRight = connection.Reason switch
        {
            null => true,
            CloseReason.Overflow => MaybeSlow && mayDisconnect,
            CloseReason.WriteTimeout => IsHeldUp,
            _ => false,
        };
        Assert.True(isRight, $"A connection ended: {connection.Reason}.");
    }

    private ToldGap ReadGap(string data, long tail)
    {
        var json = JsonDocument.Parse(data).RootElement;
        Assert.True(Position.TryParse(json.GetProperty("from").GetString(), out var from));
        Assert.True(Position.TryParse(json.GetProperty("to").GetString(), out var to));
        long? count = json.TryGetProperty("count", out var number) ? number.GetInt64() : null;
        Assert.True(count != 0, "A gap of nothing was told.");
        return new ToldGap(json.GetProperty("reason").GetString()!, from.Offset, to.Offset, count, events.Count, tail, MaybeSlow);
    }

    private ModelEvent Identify(SseEvent item)
    {
        var source = events[int.Parse(item.Data.AsSpan(0, item.Data.IndexOf(' ')), CultureInfo.InvariantCulture)];
        Assert.True(Position.TryParse(item.LastEventId, out var position));
        var dot = item.LastEventId.IndexOf('.');
        Assert.Equal((source.Offset, source.Ephemeral), (position.Offset, dot < 0 ? 0 : uint.Parse(item.LastEventId.AsSpan(dot + 1), CultureInfo.InvariantCulture)));
        Assert.Equal(source.Source.Payload.Length, item.Data.Length);
        return source;
    }
}
